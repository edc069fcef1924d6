//! Files on disk, for every crate that reads or writes them.
//!
//! - [`replace`] and [`replace_through`] replace the content of a file as a whole: a reader, or a crash, meets the old content or the
//!   new one and never a part of either. [`Mode`] says who may read the result.
//! - [`read_bounded`] and [`read_text_bounded`] read a file up to a limit, so that no input can use up the memory.
//! - [`Directory::change`] changes files of a directory that belong together: all of them or none, also after a crash.
//!   [`lock_file`] keeps other processes out.
//! - [`ForeignFiles`] and [`Change`] are what programs that own an output directory say about its files; [`holds`],
//!   [`read_plain`], [`read_manifest`] and [`describe_foreign`] find out whose they are, and [`FileError`] says what went wrong.
//!
//! Everything that changes the file system goes through this crate, so that tests can make each step fail: `inject_fault`.
//!
//! Errors of writing are [`std::io::Error`], because callers name the file in messages of their own; [`ReadError`] names it, and
//! [`failed`] makes a [`FileError`] that does.

mod injection;
mod lock;
mod output;
mod read;
mod replace;
mod transaction;

#[cfg(debug_assertions)]
pub use injection::inject_fault;
pub use lock::lock_file;
pub use output::{
    Change, FileError, ForeignFiles, ManifestError, UnusableManifest, describe_foreign, exists, failed, holds,
    is_absent, is_link, read_manifest, read_plain, read_up_to,
};
pub use read::{ReadError, TEXT_LIMIT, read_bounded, read_stream_bounded, read_text_bounded};
pub use replace::{
    Mode, TEMPORARY_PREFIX, check_writable, create_directories, remove_directory, remove_file, rename, replace,
    replace_through, sync_directory,
};
pub use transaction::{Changes, Directory, stays_inside};
