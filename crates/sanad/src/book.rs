//! The projection together with the tree and the head of the history that it stands for.

use std::sync::{Arc, PoisonError, RwLock};

use sanad_audit_log::tree::{Frontier, TreeHash};
use sanad_audit_log::{ChainHash, Head, RecordTree};
use sanad_event_store::{Memory, MemoryError};
use sanad_projection::{Block, Projection, SNAPSHOT_VERSION};

/// The version of a remembered book: its own, and that of the projection in it.
pub(crate) const BOOK_VERSION: u32 = 2 << 16 | SNAPSHOT_VERSION;

/// A projection, and the tree and head of the records it stands for: the three never part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Book {
    pub(crate) projection: Projection,
    pub(crate) tree: RecordTree,
}

impl Book {
    /// The book of a ledger without entries.
    pub(crate) fn empty(genesis: ChainHash) -> Self {
        Self { projection: Projection::default(), tree: RecordTree::new(genesis) }
    }

    /// The head that it stands for.
    pub(crate) fn head(&self) -> Head {
        self.tree.head()
    }

    /// What of the book is not in the projection's blocks: the number of the tree's peaks, the peaks, the projection's
    /// rest.
    pub(crate) fn rest(&self) -> Vec<u8> {
        let peaks = self.tree.frontier().peaks();
        // A tree has at most one peak for each bit of its size.
        let mut bytes = vec![u8::try_from(peaks.len()).unwrap_or(u8::MAX)];
        peaks.iter().for_each(|peak| bytes.extend_from_slice(peak.as_bytes()));
        bytes.extend_from_slice(&self.projection.rest());
        bytes
    }

    /// The book that a memory holds; `None` where it holds none of this version.
    ///
    /// # Errors
    /// [`MemoryError`] where it holds what is none.
    pub(crate) fn recalled(memory: &Memory) -> Result<Option<Self>, MemoryError> {
        let Some(head) = memory.head() else { return Ok(None) };
        let read = |bytes| Block::read(bytes).ok();
        let Some((blocks, rest)) = memory.recall(BOOK_VERSION, read)? else { return Ok(None) };
        match Self::joined(head, blocks, rest) {
            Some(book) => Ok(Some(book)),
            None => Err(MemoryError::Damaged { what: "what is not in blocks" }),
        }
    }

    /// The book of blocks and a rest that stand for `head`.
    fn joined(head: Head, blocks: Vec<Block>, rest: &[u8]) -> Option<Self> {
        let (&count, rest) = rest.split_first()?;
        let (peaks, rest) = rest.split_at_checked(32 * usize::from(count))?;
        let (peaks, _) = peaks.as_chunks::<32>();
        let peaks: Vec<_> = peaks.iter().copied().map(TreeHash::from_bytes).collect();
        let frontier = Frontier::from_peaks(head.size, &peaks).ok()?;
        let projection = Projection::from_blocks(blocks, rest).ok()?;
        let tree = RecordTree::resumed(frontier, head).ok()?;
        (projection.size() == head.size).then_some(Self { projection, tree })
    }
}

/// The book of an open ledger: one thread changes it, and whoever looks at it keeps what it was.
#[derive(Debug)]
pub(crate) struct SharedBook(RwLock<Arc<Book>>);

impl SharedBook {
    pub(crate) fn new(book: Book) -> Self {
        Self(RwLock::new(Arc::new(book)))
    }

    /// The book as it is now.
    pub(crate) fn current(&self) -> Arc<Book> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the book. Where somebody still looks at it, it is copied first, which copies only what is not sealed: so
    /// a look never keeps a change waiting.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        let mut book = self.0.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut book))
    }
}
