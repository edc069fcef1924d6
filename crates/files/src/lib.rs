//! Files on disk, for every crate that reads or writes them.
//!
//! - [`replace`] and [`replace_through`] replace the content of a file as a whole: a reader, or a crash, meets the old content or the
//!   new one and never a part of either. [`Mode`] says who may read the result.
//! - [`read_bounded`] and [`read_text_bounded`] read a file up to a limit, so that no input can use up the memory.
//! - [`Staging`] collects the files of a directory that are published together; [`lock_file`] keeps other processes out.
//!
//! Errors of writing are [`std::io::Error`], because callers name the file in messages of their own; [`ReadError`] names it.

mod lock;
mod read;
mod replace;
mod staging;

pub use lock::lock_file;
pub use read::{ReadError, TEXT_LIMIT, read_bounded, read_text_bounded};
pub use replace::{Mode, TEMPORARY_PREFIX, replace, replace_through, sync_directory};
pub use staging::Staging;
