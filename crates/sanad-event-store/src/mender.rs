//! A damaged log, open to be mended.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sanad_audit_log::{Head, Identity, Sequence};

use crate::disk::Disk;
use crate::error::{Doing, StoreError};
use crate::file_store::Options;
use crate::folder::Folder;
use crate::identity_file;
use crate::lock::Lock;
use crate::mending::{Donor, Mend, MendingPlan, Origin};
use crate::mending_planner::Planner;
use crate::own_log::follows;
use crate::segment::{SEGMENT_HEADER, SegmentHeader};
use crate::staged_segment::{StagedSegment, move_aside};

/// A log that may be damaged, with all writers kept out. Nothing in it is believed that the chain
/// does not prove, and nothing that is replaced is deleted.
///
/// A torn end, an append that never finished, is left to the next writer.
#[derive(Debug)]
pub struct Mender {
    folder: Folder,
    identity: Identity,
    options: Options,
    /// None where it is only looked.
    lock: Option<Lock>,
}

/// A file that mending a log changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MendedFile {
    /// The segment file; it is whole now, or not there any more.
    pub path: PathBuf,
    /// The records that it holds now; `None` where the file did not belong there.
    pub records: Option<std::ops::Range<u64>>,
    /// What stood there before, as it is called in `aside` now; `None` where there was no file.
    pub kept_as: Option<PathBuf>,
}

impl Mender {
    /// Opens the log of the ledger or backup in the folder `dir`.
    ///
    /// # Errors
    /// [`StoreError`] where there is none, or a writer has it.
    pub fn open(dir: &Path, options: Options) -> Result<Self, StoreError> {
        let mut mender = Self::looking(dir)?;
        mender.folder.refuse_exposed()?;
        mender.lock = Some(Lock::take(&*options.disk, &mender.folder)?);
        mender.options = options;
        Ok(mender)
    }

    /// Opens it to look only: without a lock, and nothing can be carried out.
    ///
    /// # Errors
    /// [`StoreError`] where there is none.
    pub fn looking(dir: &Path) -> Result<Self, StoreError> {
        let folder = Folder::checked(dir)?;
        let identity = identity_file::read(&folder)?;
        Ok(Self { folder, identity, options: Options::default(), lock: None })
    }

    /// Which ledger it is.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Looks at every record, and finds what it takes to make the log whole. `vouched` says of a head
    /// whether it is known to be the ledger's, from a checkpoint for one; it is asked of heads behind
    /// which the ledger itself has nothing.
    ///
    /// # Errors
    /// [`StoreError::HistoriesPart`] where the copy's history is another than the ledger's.
    pub fn plan<'a>(
        &self,
        donor: Option<&'a mut dyn Donor>,
        vouched: &'a dyn Fn(Head) -> bool,
        progress: &'a mut dyn FnMut(u64),
    ) -> Result<MendingPlan, StoreError> {
        let planner = Planner::new(&self.folder, &self.identity, donor, vouched, progress)?;
        planner.plan(self.identity.genesis())
    }

    /// Does what the plan says. Each new segment is written beside the log and read again before it
    /// is put in place, at once; what stood there is in `aside` by then. So wherever this ends, every
    /// segment is the old one or the new one, and mending can be begun again.
    ///
    /// # Errors
    /// [`StoreError::ChangedMeanwhile`] where the records are not what they were when the plan was
    /// made, or the operation that failed.
    pub fn carry_out(
        &self,
        plan: &MendingPlan,
        mut donor: Option<&mut dyn Donor>,
    ) -> Result<Vec<MendedFile>, StoreError> {
        let (disk, mut files) = (&*self.options.disk, Vec::new());
        if self.lock.is_none() && !plan.mends.is_empty() {
            return Err(self.changed());
        }
        // All are written before the first is put in place: a file may hold records of several.
        let mut all = Vec::new();
        for mend in &plan.mends {
            all.push((mend, self.stage(mend, plan, &mut donor)?));
        }
        for (mend, staged) in all {
            let names: Vec<_> = staged.iter().map(|(staged, _)| staged.first()).collect();
            for (staged, records) in staged {
                let path = self.folder.segment(staged.first());
                let kept_as = staged.put_in_place(disk, &self.folder)?;
                files.push(MendedFile { path, records: Some(records), kept_as });
            }
            self.sync_log()?;
            let gone = mend.instead_of.iter().map(|(name, _)| *name);
            for name in gone.filter(|name| !names.contains(name)) {
                let kept_as = Some(move_aside(disk, &self.folder, name)?);
                files.push(MendedFile { path: self.folder.segment(name), records: None, kept_as });
            }
            self.sync_log()?;
        }
        Ok(files)
    }

    /// Deletes what was derived from the log; whoever opens it to write makes it again.
    ///
    /// # Errors
    /// The operation that failed.
    pub fn forget(&self) -> Result<(), StoreError> {
        let memory = self.folder.memory();
        match fs::remove_dir_all(&memory) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => Ok(removed.doing("remove", &memory)?),
        }
    }

    /// Writes the segments of a mend beside the log, each checked.
    fn stage(
        &self,
        mend: &Mend,
        plan: &MendingPlan,
        donor: &mut Option<&mut dyn Donor>,
    ) -> Result<Vec<(StagedSegment, std::ops::Range<u64>)>, StoreError> {
        let disk = &*self.options.disk;
        let (mut head, mut done, mut open) = (mend.begins, Vec::new(), None);
        let origins = mend.runs.iter().flat_map(|run| run.records.clone().map(|_| run.origin));
        for origin in origins {
            let bytes = self.record(head, origin, plan, donor)?;
            let (after, is_barrier) = follows(&bytes, head).ok_or_else(|| self.changed())?;
            let full = open.take_if(|(staged, _): &mut (StagedSegment, u64)| {
                let length = staged.length() + bytes.len() as u64;
                is_barrier && length > self.options.segment_bytes
            });
            if let Some((staged, first)) = full {
                done.push((self.finished(staged, head)?, first..head.size));
            }
            let (staged, _) = match &mut open {
                Some(open) => open,
                none => none.insert((self.begun(disk, head)?, head.size)),
            };
            staged.write(disk, &bytes)?;
            head = after;
        }
        if head != mend.ends {
            return Err(self.changed());
        }
        if let Some((staged, first)) = open {
            done.push((self.finished(staged, head)?, first..head.size));
        }
        Ok(done)
    }

    fn begun(&self, disk: &dyn Disk, head: Head) -> Result<StagedSegment, StoreError> {
        let (ledger_id, first) = (self.identity.ledger_id(), head.next_sequence());
        let header = SegmentHeader { ledger_id, first, previous: head.hash };
        let mut staged = StagedSegment::create(disk, &self.folder, first)?;
        staged.write(disk, &header.encode())?;
        debug_assert_eq!(staged.length(), SEGMENT_HEADER as u64);
        Ok(staged)
    }

    /// Makes a staged segment durable; what is read of it again must lead to `head`.
    fn finished(&self, staged: StagedSegment, head: Head) -> Result<StagedSegment, StoreError> {
        match staged.checked(&*self.options.disk, &self.folder)? {
            Some(found) if found == head => Ok(staged),
            _ => {
                staged.discard(&*self.options.disk);
                Err(self.changed())
            }
        }
    }

    fn record(
        &self,
        head: Head,
        origin: Origin,
        plan: &MendingPlan,
        donor: &mut Option<&mut dyn Donor>,
    ) -> Result<Vec<u8>, StoreError> {
        let found = match (origin, donor) {
            (Origin::Own(_), _) => plan.own.following(head).map(|(bytes, _)| bytes),
            (Origin::Copy, Some(donor)) => donor.record(head.next_sequence()).ok().flatten(),
            (Origin::Copy, None) => None,
        };
        found.ok_or_else(|| self.changed())
    }

    fn changed(&self) -> StoreError {
        StoreError::ChangedMeanwhile { path: self.folder.log() }
    }

    fn sync_log(&self) -> Result<(), StoreError> {
        let log = self.folder.log();
        Ok(self.options.disk.sync_dir(&log).doing("make durable the folder", &log)?)
    }

    /// The path of the segment with this first sequence in its name.
    pub fn segment(&self, name: Sequence) -> PathBuf {
        self.folder.segment(name)
    }
}
