//! A window that slides over a file, so that a file of any size is read in constant memory.

use std::io;
use std::sync::Arc;

use sanad_audit_log::layout::{HASH_SIZE, MAX_RECORD};

use crate::source::Source;

/// How much of a file is in memory at once, in bytes.
const CAPACITY: usize = 2 << 20;
/// How much is in view from any place, at least, unless the file ends: three whole records, so that
/// one can be judged by the next and there is still one to go on with.
const IN_VIEW: usize = 3 * MAX_RECORD;

/// A view of a file, up to an end that is fixed when it is made.
///
/// Whoever was given the bytes may keep them while the window slides on; a buffer is filled anew only when nobody has
/// it any more.
#[derive(Debug)]
pub(crate) struct Window {
    file: Source,
    end: u64,
    start: u64,
    buffer: Arc<Vec<u8>>,
    /// Buffers that were given away.
    given: Vec<Arc<Vec<u8>>>,
}

/// The bytes around a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'w> {
    /// The bytes in memory.
    pub(crate) bytes: &'w [u8],
    /// Where in `bytes` the place is. At least the 32 bytes before it are there too, if any are.
    pub(crate) at: usize,
    /// Whether `bytes` reaches the end.
    pub(crate) to_end: bool,
}

impl Window {
    /// Looks at `file` up to byte `end`.
    pub(crate) fn new(file: Source, end: u64) -> Self {
        Self { file, end, start: 0, buffer: Arc::default(), given: Vec::new() }
    }

    /// Where the file ends, as far as this window is concerned.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The bytes around `offset`, which is at most the end: three records' length
    /// after it, or all that are left.
    pub(crate) fn view(&mut self, offset: u64) -> io::Result<View<'_>> {
        let from = offset.saturating_sub(HASH_SIZE as u64);
        let loaded_to = self.start + self.buffer.len() as u64;
        let wanted_to = offset.saturating_add(IN_VIEW as u64).min(self.end);
        if from < self.start || wanted_to > loaded_to {
            self.load(from)?;
        }
        let to_end = self.start + self.buffer.len() as u64 >= self.end;
        // Within the buffer, so within a usize.
        let at = ((offset - self.start) as usize).min(self.buffer.len());
        Ok(View { bytes: &self.buffer, at, to_end })
    }

    /// The bytes in memory, as the last [`Window::view`] left them, and the offset of the first.
    pub(crate) fn loaded(&self) -> (u64, &Arc<Vec<u8>>) {
        (self.start, &self.buffer)
    }

    fn load(&mut self, from: u64) -> io::Result<()> {
        self.take_free_buffer();
        // Nobody else has it now, so nothing is copied.
        let buffer = Arc::make_mut(&mut self.buffer);
        buffer.clear();
        self.start = from;
        let length = self.end.saturating_sub(from).min(CAPACITY as u64);
        let read = self.file.read_at(from, length, buffer)?;
        if (read as u64) < length {
            // The file became shorter: a writer cut a torn tail. What is gone is the end.
            self.end = from + read as u64;
        }
        Ok(())
    }

    fn take_free_buffer(&mut self) {
        let is_free = |buffer: &mut Arc<_>| Arc::get_mut(buffer).is_some();
        if is_free(&mut self.buffer) {
            return;
        }
        match self.given.iter_mut().find_map(|given| is_free(given).then_some(given)) {
            Some(free) => std::mem::swap(&mut self.buffer, free),
            None => self.given.push(std::mem::take(&mut self.buffer)),
        }
    }
}
