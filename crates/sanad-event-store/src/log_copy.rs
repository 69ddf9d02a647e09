//! The sound part of a log copied into another folder, on from what is there.

use std::fs;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sanad_audit_log::{Head, Sequence};

use crate::disk::{self, Disk};
use crate::error::{Doing, StoreError};
use crate::folder::{self, Folder};
use crate::sound_log::{SoundLog, SoundSegment};
use crate::staged_segment::{StagedSegment, move_aside};

/// How much is read at once, in bytes.
const PORTION: usize = 1 << 20;

/// What copying a log did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copied {
    /// The head of the copy.
    pub head: Head,
    /// How many segments were there already, with the same bytes.
    pub there: u64,
    /// How many segments were written, or gone on with.
    pub written: u64,
    /// How many bytes were written.
    pub bytes: u64,
    /// Files that did not belong there or had other bytes, by what they are called in `aside` now.
    pub put_aside: Vec<PathBuf>,
}

/// A copying on its way.
pub(crate) struct LogCopy<'a> {
    pub(crate) disk: &'a dyn Disk,
    pub(crate) from: &'a Folder,
    pub(crate) to: &'a Folder,
}

/// What stands in the place of a segment's copy.
enum There {
    Nothing,
    /// The same bytes.
    Same,
    /// The first so many of its bytes, and no others.
    Beginning(u64),
    Other,
}

impl LogCopy<'_> {
    /// Copies `sound`, which is of the folder `from`. Every file is put in place whole and durable, and
    /// in order; so wherever this ends, what is in `to` is a beginning of the log.
    pub(crate) fn run(
        &self,
        sound: &SoundLog,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Copied, StoreError> {
        let (there, written, bytes, put_aside) = (0, 0, 0, Vec::new());
        let mut copied = Copied { head: sound.head(), there, written, bytes, put_aside };
        folder::ensure_dir(self.disk, &self.to.log())?;
        for segment in &sound.segments {
            match self.there(segment)? {
                There::Same => copied.there += 1,
                There::Beginning(there) => self.go_on(segment, there, &mut copied)?,
                There::Nothing | There::Other => self.whole(segment, &mut copied)?,
            }
            progress(segment.first.get());
        }
        for first in self.foreign(sound)? {
            copied.put_aside.push(move_aside(self.disk, self.to, first)?);
        }
        let log = self.to.log();
        self.tidy(&log)?;
        self.disk.sync_dir(&log).doing("make durable the folder", &log)?;
        Ok(copied)
    }

    /// Takes away what copies that did not finish left under names that are none of a segment's.
    fn tidy(&self, log: &Path) -> Result<(), StoreError> {
        for entry in fs::read_dir(log).doing("list", log)? {
            let path = entry.doing("list", log)?.path();
            if path.to_str().is_some_and(|path| path.ends_with(".seg.tmp")) {
                self.disk.remove(&path).doing("remove", &path)?;
            }
        }
        Ok(())
    }

    /// The segments in `to` that are none of the log's.
    fn foreign(&self, sound: &SoundLog) -> Result<Vec<Sequence>, StoreError> {
        let mut found = match self.to.segments() {
            Err(StoreError::NoSegments { .. }) => return Ok(Vec::new()),
            found => found?,
        };
        found.retain(|first| sound.segments.iter().all(|segment| segment.first != *first));
        Ok(found)
    }

    fn there(&self, segment: &SoundSegment) -> Result<There, StoreError> {
        let (source, copy) = (self.from.segment(segment.first), self.to.segment(segment.first));
        let mut theirs = match disk::open_to_read(&copy) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(There::Nothing),
            opened => opened.doing("open", &copy)?,
        };
        let there = theirs.metadata().doing("look at", &copy)?.len();
        let ours = disk::open_to_read(&source).doing("open", &source)?;
        let shared = there.min(segment.bytes);
        let same = equal(&mut ours.take(shared), &mut (&mut theirs).take(shared));
        Ok(match same.doing("compare", &copy)? {
            true if there == segment.bytes => There::Same,
            true if there < segment.bytes => There::Beginning(there),
            _ => There::Other,
        })
    }

    /// Writes the bytes of a segment behind those that are there. What fails is taken back.
    fn go_on(
        &self,
        segment: &SoundSegment,
        there: u64,
        copied: &mut Copied,
    ) -> Result<(), StoreError> {
        let copy = self.to.segment(segment.first);
        let mut file = self.disk.open_append(&copy).doing("open", &copy)?;
        let mut write =
            |bytes: &[u8]| Ok(self.disk.write_all(&mut file, bytes).doing("write to", &copy)?);
        let done = self
            .read(segment, there, &mut write)
            .and_then(|()| Ok(self.disk.sync_all(&file).doing("make durable", &copy)?));
        if let Err(error) = done {
            let _ = self.disk.truncate(&file, there);
            let _ = self.disk.sync_all(&file);
            return Err(error);
        }
        copied.written += 1;
        copied.bytes += segment.bytes - there;
        Ok(())
    }

    /// Writes a segment from its first byte, and puts it in place once it is whole.
    fn whole(&self, segment: &SoundSegment, copied: &mut Copied) -> Result<(), StoreError> {
        let mut staged = StagedSegment::create(self.disk, self.to, segment.first)?;
        let mut write = |bytes: &[u8]| staged.write(self.disk, bytes);
        let done = self.read(segment, 0, &mut write);
        let checked = done.and_then(|()| staged.checked(self.disk, self.to));
        match checked {
            Ok(Some(_)) => {}
            Ok(None) => {
                staged.discard(self.disk);
                return Err(StoreError::ChangedMeanwhile {
                    path: self.from.segment(segment.first),
                });
            }
            Err(error) => {
                // On a full disk, whatever can be given back is.
                staged.discard(self.disk);
                return Err(error);
            }
        }
        copied.put_aside.extend(staged.put_in_place(self.disk, self.to)?);
        let log = self.to.log();
        self.disk.sync_dir(&log).doing("make durable the folder", &log)?;
        copied.written += 1;
        copied.bytes += segment.bytes;
        Ok(())
    }

    /// Reads the sound bytes of a segment from byte `from` on.
    fn read(
        &self,
        segment: &SoundSegment,
        from: u64,
        each: &mut dyn FnMut(&[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let path = self.from.segment(segment.first);
        let mut left = segment.bytes - from;
        let mut file = disk::open_to_read(&path).doing("open", &path)?;
        file.seek(SeekFrom::Start(from)).doing("read", &path)?;
        let mut buffer = vec![0; PORTION];
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PORTION).min(PORTION);
            let read = file.read(&mut buffer[..most]).doing("read", &path)?;
            if read == 0 {
                return Err(StoreError::ChangedMeanwhile { path });
            }
            each(&buffer[..read])?;
            left -= read as u64;
        }
        Ok(())
    }
}

/// Whether two readers give the same bytes to their ends.
fn equal(one: &mut impl Read, other: &mut impl Read) -> io::Result<bool> {
    let (mut left, mut right) = (vec![0; PORTION], vec![0; PORTION]);
    loop {
        let read = fill(one, &mut left)?;
        if read != fill(other, &mut right)? || left[..read] != right[..read] {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

/// Reads until the buffer is full or there is nothing more.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Whether there is nothing in a folder, but for a mark that a full disk kept from being written.
pub(crate) fn is_empty(dir: &Path) -> Result<bool, StoreError> {
    for entry in fs::read_dir(dir).doing("list", dir)? {
        if entry.doing("list", dir)?.file_name() != "backup.json.tmp" {
            return Ok(false);
        }
    }
    Ok(true)
}
