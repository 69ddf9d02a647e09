//! Where the files of a publication are read from.

use std::io;

/// Somewhere a publication is read from: a folder, a web server, a test. What it gives is judged by
/// whoever asked.
pub trait Source {
    /// The bytes of the file at `path`, which is relative to the publication's root and is written
    /// with `/`; `None` when there is no such file. No more than `most` bytes are read into memory.
    ///
    /// # Errors
    /// [`SourceError::TooLong`] when the file has more than `most` bytes; else when it cannot be
    /// said whether there is such a file, or what is in it.
    fn fetch(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError>;
}

impl<S: Source + ?Sized> Source for &S {
    fn fetch(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
        (**self).fetch(path, most)
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn fetch(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
        (**self).fetch(path, most)
    }
}

/// Why a file could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The file is longer than anything that belongs there.
    #[error("{file} has more than the {most} bytes that a file in this place can have")]
    TooLong {
        /// The file, relative to the publication's root.
        file: String,
        /// How many bytes it may have.
        most: usize,
    },
    /// The file, or a folder on the way to it, is a symbolic link.
    #[error(
        "{file} is, or leads through, a symbolic link; a publication's files lie in its folder"
    )]
    Symlink {
        /// The file, relative to the publication's root.
        file: String,
    },
    /// What stands there is not a regular file.
    #[error("{file} is not a regular file")]
    NotAFile {
        /// The file, relative to the publication's root.
        file: String,
    },
    /// The path could lead elsewhere than into the publication.
    #[error("{file:?} is not the path of a file in a publication")]
    BadPath {
        /// The path that was asked for.
        file: String,
    },
    /// The system failed, or whatever the source reads from.
    #[error("{file} cannot be read: {cause}")]
    Failed {
        /// The file, relative to the publication's root.
        file: String,
        /// What happened.
        cause: io::Error,
    },
}
