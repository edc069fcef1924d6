//! Locks between processes of one machine.

use std::fs::{File, TryLockError};
use std::io;
use std::time::{Duration, Instant};

/// How long another process may hold a lock before waiting ends. It is held only while files are written.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to sleep between two attempts.
const PAUSE: Duration = Duration::from_millis(5);

/// Locks an open file or directory against other processes that lock it. Dropping the file, or the end of the process,
/// releases the lock. On a file system without locks, nothing is locked.
///
/// # Errors
/// When another process keeps the lock for 30 seconds.
pub fn lock_file(file: File) -> io::Result<File> {
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if began.elapsed() > PATIENCE => {
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, "locked by another process"));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
}
