//! The file of blocks: one after another, appended to and never changed.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::disk::{Disk, folder_of};
use crate::error::{Doing, Failed};
use crate::manifest::BlockEntry;
use crate::memory_error::MemoryError;

/// More threads than this gain little.
const MOST_THREADS: usize = 8;

/// Writes blocks from byte `from` on, over what a writing that did not finish may have left there; durable when this
/// returns.
pub(crate) fn write(
    disk: &dyn Disk,
    path: &Path,
    from: u64,
    blocks: &[&[u8]],
) -> Result<(), Failed> {
    let fresh = from == 0;
    if fresh {
        disk.remove(path).doing("remove", path)?;
    }
    let mut file = if fresh {
        disk.create_new(path).doing("create", path)?
    } else {
        disk.open_append(path).doing("open", path)?
    };
    if !fresh && file.metadata().doing("look at", path)?.len() > from {
        disk.truncate(&file, from).doing("cut", path)?;
    }
    for block in blocks {
        disk.write_all(&mut file, block).doing("write to", path)?;
    }
    disk.sync_all(&file).doing("make durable", path)?;
    if fresh {
        let folder = folder_of(path);
        disk.sync_dir(folder).doing("make durable the folder", folder)?;
    }
    Ok(())
}

/// Reads blocks and checks each, on all cores; gives what `take` makes of them, in order.
pub(crate) fn read<B: Send>(
    file: &File,
    entries: &[BlockEntry],
    take: &(impl Fn(Vec<u8>) -> Option<B> + Sync),
) -> Result<Vec<B>, MemoryError> {
    let places = entries.iter().scan(0u64, |next, entry| {
        let place = *next;
        *next += u64::from(entry.length);
        Some(place)
    });
    let places: Vec<(u64, &BlockEntry)> = places.zip(entries).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut taken = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((place, entry)) = places.get(number) else { return taken };
            taken.push((number, read_one(file, *place, entry).and_then(take)));
        }
    };
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_THREADS));
    let mut taken = thread::scope(|scope| {
        let others: Vec<_> = (1..cores.min(entries.len()))
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let mut taken = work();
        for other in others {
            taken.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        taken
    });
    taken.sort_unstable_by_key(|(number, _)| *number);
    let blocks = taken.into_iter().map(|(_, block)| block).collect::<Option<_>>();
    blocks.ok_or(MemoryError::Damaged { what: "a block" })
}

/// One block; `None` where it cannot be read or is not as it was written.
fn read_one(file: &File, place: u64, entry: &BlockEntry) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(entry.length).ok()?];
    read_exact_at(file, &mut bytes, place).ok()?;
    (BlockEntry::of(&bytes) == *entry).then_some(bytes)
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], place: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, place)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut place: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, place)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        place += u64::try_from(read).unwrap_or(u64::MAX);
    }
    Ok(())
}
