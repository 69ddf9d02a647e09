//! How far a log is sound, read from its first byte on.

use std::fs::File;
use std::path::PathBuf;

use sanad_audit_log::{Head, Sequence};

use crate::error::{Doing, StoreError};
use crate::folder::Folder;
use crate::lock;
use crate::reader::FileReader;
use crate::recovery::seam_fault;
use crate::segment::{HeaderFault, SegmentFault, SegmentHeader};
use crate::walk::{self, Walked};

/// How often the end of a log is read again that became shorter meanwhile.
const TRIES: u32 = 5;

/// The part of a log in which every record follows from the one before it, from the genesis on. It
/// ends at a record's end.
///
/// Links are looked at, and nothing else: whether times and signatures hold and entries were allowed
/// is a verification's to say.
#[derive(Clone, Debug)]
pub struct SoundLog {
    pub(crate) segments: Vec<SoundSegment>,
    head: Head,
    unsound: Option<Unsound>,
    tail: u64,
}

/// The sound part of a segment, which is all of it but for the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SoundSegment {
    /// The first sequence.
    pub(crate) first: Sequence,
    /// How many bytes are sound, the header with them.
    pub(crate) bytes: u64,
}

/// The place from which on a log is not sound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsound {
    /// The segment file.
    pub path: PathBuf,
    /// The record that should stand there.
    pub sequence: Sequence,
    /// What is wrong.
    pub why: String,
}

impl SoundLog {
    /// The head that the sound part leads to.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Where the log goes on unsound; `None` where all that was acknowledged is sound.
    pub const fn unsound(&self) -> Option<&Unsound> {
        self.unsound.as_ref()
    }

    /// How many bytes behind the end are an append that did not finish, or is on its way.
    pub const fn tail(&self) -> u64 {
        self.tail
    }
}

impl FileReader {
    /// Reads every record of the log as it is now, up to the first place that is not sound; beside a
    /// writer too. `progress` hears how many records were read.
    ///
    /// What is sound at the end was made durable when this returns: a writer may have been just
    /// about to acknowledge it.
    ///
    /// # Errors
    /// [`StoreError`] where a file cannot be read. That it is not sound is no error.
    pub fn sound_log(&self, progress: &mut dyn FnMut(u64)) -> Result<SoundLog, StoreError> {
        let (folder, id) = (self.folder(), self.identity().ledger_id());
        let segments = folder.segments()?;
        let head = Head::empty(self.identity().genesis());
        let mut sound = SoundLog { segments: Vec::new(), head, unsound: None, tail: 0 };
        for (n, &first) in segments.iter().enumerate() {
            let is_last = n + 1 == segments.len();
            let seen = match look(folder, self.identity().created_at_us(), first, is_last)? {
                Seen::Walked(header, walked) => match fault(&header, id, first, sound.head) {
                    Some(fault) => Err(fault.to_string()),
                    None => Ok(walked),
                },
                Seen::Short(length) if is_last && n > 0 => {
                    sound.tail = length;
                    break;
                }
                Seen::Short(have) => {
                    let have = usize::try_from(have).unwrap_or(usize::MAX);
                    Err(HeaderFault::TooShort { have }.to_string())
                }
                Seen::Headless(fault) => Err(fault.to_string()),
            };
            match seen {
                Ok(walked) => sound.take(folder, first, &walked, is_last),
                Err(why) => sound.stop(folder, first, why),
            }
            if sound.unsound.is_some() {
                break;
            }
            progress(sound.head.size);
        }
        Ok(sound)
    }
}

impl SoundLog {
    fn take(&mut self, folder: &Folder, first: Sequence, walked: &Walked, is_last: bool) {
        self.segments.push(SoundSegment { first, bytes: walked.sound });
        self.head = walked.head;
        if walked.is_whole() {
            return;
        }
        if is_last && !walked.acknowledged_behind {
            self.tail = walked.end - walked.sound;
            return;
        }
        let why = format!("what stands at byte {} follows from nothing before it", walked.sound);
        self.stop(folder, first, why);
    }

    fn stop(&mut self, folder: &Folder, segment: Sequence, why: String) {
        let (path, sequence) = (folder.segment(segment), self.head.next_sequence());
        self.unsound = Some(Unsound { path, sequence, why });
    }
}

/// What a look at a segment file gives.
enum Seen {
    Walked(SegmentHeader, Walked),
    Short(u64),
    Headless(HeaderFault),
}

/// Walks a segment. Of the last, what is read is made durable; where it became shorter meanwhile, a
/// writer took back an append that failed, and it is read again.
fn look(
    folder: &Folder,
    created_at_us: i64,
    first: Sequence,
    is_last: bool,
) -> Result<Seen, StoreError> {
    let path = folder.segment(first);
    let mut tries = TRIES;
    loop {
        let mut file = folder.open(&path).doing("read", &path)?;
        let length = file.length().doing("look at", &path)?;
        let header = match SegmentHeader::read(&mut file).doing("read", &path)? {
            Ok(header) => header,
            Err(HeaderFault::TooShort { .. }) => return Ok(Seen::Short(length)),
            Err(fault) => return Ok(Seen::Headless(fault)),
        };
        let again = file.again().doing("read", &path)?;
        let walked = walk::walk(again, length, &header, created_at_us).doing("read", &path)?;
        if !is_last || settled(file.file(), folder, walked.sound).doing("make durable", &path)? {
            return Ok(Seen::Walked(header, walked));
        }
        tries -= 1;
        if tries == 0 {
            let why = std::io::Error::other("it becomes shorter again and again");
            Err(why).doing("read", &path)?;
        }
    }
}

/// Makes a segment durable up to `sound` and says whether it still is so long.
fn settled(file: &File, folder: &Folder, sound: u64) -> std::io::Result<bool> {
    let synced = file.sync_all();
    let (is_written_to, _) = lock::glance(folder);
    if is_written_to {
        synced?;
    }
    // Without a writer nobody is about to acknowledge anything, and a disk that can only be read is
    // one that a copy is wanted of.
    Ok(file.metadata()?.len() >= sound)
}

/// What is wrong with a header that should follow `head`.
fn fault(
    header: &SegmentHeader,
    id: sanad_audit_log::LedgerId,
    name: Sequence,
    head: Head,
) -> Option<SegmentFault> {
    if let Err(fault) = header.check(id, name) {
        return Some(fault);
    }
    (header.begins() != head).then(|| seam_fault(head, header.first, header.previous))
}
