//! What a writer does with a log before it appends: look, and cut a torn tail.

use std::io;
use std::path::{Path, PathBuf};

use sanad_audit_log::{ChainHash, Head, Identity, Sequence};

use crate::disk::Disk;
use crate::error::{Doing, StoreError};
use crate::folder::{self, Folder};
use crate::position::Position;
use crate::segment::{HeaderFault, SEGMENT_HEADER, SegmentFault, SegmentHeader, SegmentProblem};
use crate::walk::{self, Walked};

/// A torn tail that was cut when the ledger was opened. Its records were never acknowledged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// How many bytes were cut.
    pub cut_bytes: u64,
    /// The head that the ledger has without them.
    pub after: Head,
    /// The file in the folder `aside` that keeps them.
    pub kept_as: PathBuf,
}

/// What a log was found to hold. Nothing has been changed yet.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The first sequence of the segment to append to.
    pub(crate) first: Sequence,
    /// How far that segment is sound.
    pub(crate) walked: Walked,
    /// The recorded time of the last record in the log.
    pub(crate) last_us: Option<i64>,
    /// The last segment, where it was found too short to have a header.
    headless: Option<Sequence>,
}

/// A segment whose header was read and fits.
struct Seen {
    header: SegmentHeader,
    path: PathBuf,
    length: u64,
}

/// Looks at all segments' headers and seams, and at every record of the last.
pub(crate) fn survey(folder: &Folder, identity: &Identity) -> Result<Survey, StoreError> {
    let mut segments = folder.segments()?;
    let headless = headless(folder, &segments)?;
    if headless.is_some() {
        segments.pop();
    }
    let mut seen: Vec<Seen> = Vec::with_capacity(segments.len());
    for first in segments {
        let next = look(folder, identity, first)?;
        match seen.last() {
            None => check_start(identity, &next)?,
            Some(before) => check_seam(folder, before, &next, identity)?,
        }
        seen.push(next);
    }
    let Some((last, sealed)) = seen.split_last() else {
        return Err(StoreError::NoSegments { path: folder.log() });
    };
    let walked = walk_segment(folder, last, identity)?;
    // A segment is begun only when all before it is durable.
    if walked.acknowledged_behind || headless.is_some() && !walked.is_whole() {
        return Err(damaged(last, &walked));
    }
    let last_us = match walked.last_us {
        Some(last_us) => Some(last_us),
        None => last_time(folder, sealed, identity)?,
    };
    Ok(Survey { first: last.header.first, walked, last_us, headless })
}

/// The recorded time of the last record in sealed segments: the last segment has none yet.
fn last_time(
    folder: &Folder,
    sealed: &[Seen],
    identity: &Identity,
) -> Result<Option<i64>, StoreError> {
    for segment in sealed.iter().rev() {
        let walked = walk_segment(folder, segment, identity)?;
        if !walked.is_whole() {
            return Err(damaged(segment, &walked));
        }
        if walked.last_us.is_some() {
            return Ok(walked.last_us);
        }
    }
    Ok(None)
}

fn damaged(segment: &Seen, walked: &Walked) -> StoreError {
    let (path, sequence) = (segment.path.clone(), walked.head.next_sequence());
    StoreError::Damaged { path, offset: walked.sound, sequence }
}

impl Survey {
    /// Cuts what is torn, keeping its bytes aside. Call it only once nothing speaks against it.
    pub(crate) fn cut(
        &self,
        disk: &dyn Disk,
        folder: &Folder,
    ) -> Result<Option<Recovery>, StoreError> {
        let (sequence, after) = (self.walked.head.next_sequence(), self.walked.head);
        if let Some(headless) = self.headless {
            let (path, kept_as) = (folder.segment(headless), folder.free_aside(sequence, "cut"));
            folder::ensure_dir(disk, &folder.aside())?;
            let cut_bytes = disk.look_at(&path).doing("look at", &path)?.len();
            disk.rename(&path, &kept_as).doing("put aside", &path)?;
            disk.sync_dir(&folder.aside()).doing("make durable the folder", &folder.aside())?;
            disk.sync_dir(&folder.log()).doing("make durable the folder", &folder.log())?;
            return Ok(Some(Recovery { cut_bytes, after, kept_as }));
        }
        let cut_bytes = self.walked.end - self.walked.sound;
        if cut_bytes == 0 {
            return Ok(None);
        }
        let path = folder.segment(self.first);
        folder::ensure_dir(disk, &folder.aside())?;
        let kept_as = folder.free_aside(sequence, "cut");
        keep(disk, folder, &path, self.walked.sound, &kept_as)?;
        disk.sync_dir(&folder.aside()).doing("make durable the folder", &folder.aside())?;
        let file = disk.open_append(&path).doing("open", &path)?;
        disk.truncate(&file, self.walked.sound).doing("cut the torn tail of", &path)?;
        disk.sync_all(&file).doing("make durable", &path)?;
        Ok(Some(Recovery { cut_bytes, after, kept_as }))
    }
}

/// Copies `path` from byte `from` on into the new file `to`, durably.
pub(crate) fn keep(
    disk: &dyn Disk,
    folder: &Folder,
    path: &Path,
    from: u64,
    to: &Path,
) -> Result<(), StoreError> {
    let mut source = folder.open(path).doing("read", path)?;
    let mut file = disk.create_new(to).doing("create", to)?;
    let (mut from, mut buffer) = (from, Vec::new());
    loop {
        buffer.clear();
        let read = source.read_at(from, 1 << 20, &mut buffer).doing("read", path)?;
        if read == 0 {
            break;
        }
        from += read as u64;
        disk.write_all(&mut file, &buffer).doing("write to", to)?;
    }
    Ok(disk.sync_all(&file).doing("make durable", to)?)
}

/// The last segment, if it is too short to have a header and so holds no record. The first segment
/// is made before the identity file and can never be found so after a crash.
fn headless(folder: &Folder, segments: &[Sequence]) -> Result<Option<Sequence>, StoreError> {
    let [_, .., last] = segments else { return Ok(None) };
    let path = folder.segment(*last);
    let length = folder.disk().look_at(&path).doing("look at", &path)?.len();
    Ok((length < SEGMENT_HEADER as u64).then_some(*last))
}

fn look(folder: &Folder, identity: &Identity, first: Sequence) -> Result<Seen, StoreError> {
    let path = folder.segment(first);
    let problem = |fault| {
        let path = path.clone();
        StoreError::Segment(SegmentProblem { path, segment: first, fault })
    };
    let mut file = folder.open(&path).doing("read", &path)?;
    let found = file.file().metadata().doing("look at", &path)?;
    folder::refuse_exposed(&path, &found)?;
    let length = found.len();
    let header = SegmentHeader::read(&mut file).doing("read", &path)?;
    let header = header.map_err(|fault| problem(SegmentFault::Header(fault)))?;
    header.check(identity.ledger_id(), first).map_err(problem)?;
    Ok(Seen { header, path, length })
}

fn check_start(identity: &Identity, first: &Seen) -> Result<(), StoreError> {
    let expected = Sequence::FIRST;
    if first.header.first != expected {
        return Err(misplaced(first, SegmentFault::Gap { expected }));
    }
    let (expected, found) = (identity.genesis(), first.header.previous);
    if found != expected {
        return Err(misplaced(first, SegmentFault::Previous { expected, found }));
    }
    Ok(())
}

/// Checks that `next` follows the last bytes of `before`. Only when it does not is `before` walked,
/// to say why.
fn check_seam(
    folder: &Folder,
    before: &Seen,
    next: &Seen,
    identity: &Identity,
) -> Result<(), StoreError> {
    let tail = tail_hash(folder, before).doing("read", &before.path)?;
    if tail == Some(next.header.previous) {
        return Ok(());
    }
    let walked = walk_segment(folder, before, identity)?;
    if !walked.is_whole() {
        return Err(damaged(before, &walked));
    }
    Err(misplaced(next, seam_fault(walked.head, next.header.first, next.header.previous)))
}

/// What is wrong between a history with this head and a segment that begins so.
pub(crate) fn seam_fault(head: Head, first: Sequence, previous: ChainHash) -> SegmentFault {
    let expected = head.next_sequence();
    if first > expected {
        SegmentFault::Gap { expected }
    } else if first < expected {
        SegmentFault::Overlap { expected }
    } else {
        SegmentFault::Previous { expected: head.hash, found: previous }
    }
}

fn misplaced(segment: &Seen, fault: SegmentFault) -> StoreError {
    let (path, segment) = (segment.path.clone(), segment.header.first);
    StoreError::Segment(SegmentProblem { path, segment, fault })
}

/// The last 32 bytes: the last record's chain hash, or the header's where there is no record.
fn tail_hash(folder: &Folder, segment: &Seen) -> io::Result<Option<ChainHash>> {
    let Some(at) = segment.length.checked_sub(32) else { return Ok(None) };
    let mut hash = Vec::with_capacity(32);
    folder.open(&segment.path)?.read_at(at, 32, &mut hash)?;
    Ok(hash.first_chunk().copied().map(ChainHash::from_bytes))
}

fn walk_segment(
    folder: &Folder,
    segment: &Seen,
    identity: &Identity,
) -> Result<Walked, StoreError> {
    let path = &segment.path;
    let file = folder.open(path).doing("read", path)?;
    let walked = walk::walk(file, segment.length, &segment.header, identity.created_at_us());
    Ok(walked.doing("read", path)?)
}

/// The head that a segment leads to, for a reader, who may see it while it grows; it is walked only from `known` on, if
/// it holds that head and a position tells where. `None` if it is too short to have a header.
pub(crate) fn head_for_reader(
    folder: &Folder,
    identity: &Identity,
    segment: Sequence,
    known: Option<(Head, Position)>,
) -> Result<Option<Head>, StoreError> {
    let path = folder.segment(segment);
    let mut file = folder.open(&path).doing("read", &path)?;
    let length = file.length().doing("look at", &path)?;
    match SegmentHeader::read(&mut file).doing("read", &path)? {
        Ok(header) => {
            if let Some((known, near)) = known.filter(|(_, near)| near.segment == segment) {
                let again = file.again().doing("read", &path)?;
                let head = walk::head_behind(again, length, &header, known, near);
                if let Some(head) = head.doing("read", &path)? {
                    return Ok(Some(head));
                }
            }
            let walked = walk::walk(file, length, &header, identity.created_at_us());
            Ok(Some(walked.doing("read", &path)?.head))
        }
        Err(HeaderFault::TooShort { .. }) => Ok(None),
        Err(fault) => {
            let fault = SegmentFault::Header(fault);
            Err(StoreError::Segment(SegmentProblem { path, segment, fault }))
        }
    }
}
