//! Reading with a limit.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The largest file that holds something a user wrote, in bytes: specs, templates, values, manifests. The YAML parser has the
/// same limit.
pub const TEXT_LIMIT: u64 = 16 << 20;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system refused.
    #[error("cannot read {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        #[source]
        source: io::Error,
    },
    /// There is more in the file than the caller accepts.
    #[error("{} is larger than {}", .path.display(), size(*.limit))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file is not UTF-8.
    #[error("{} is not valid UTF-8", .path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
}

impl ReadError {
    /// The kind of failure, as the system would classify it.
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Io { source, .. } => source.kind(),
            Self::TooLarge { .. } => io::ErrorKind::FileTooLarge,
            Self::NotUtf8 { .. } => io::ErrorKind::InvalidData,
        }
    }
}

/// For callers that name the file themselves: the error without the path.
impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io { source, .. } => source,
            ReadError::TooLarge { limit, .. } => {
                Self::new(io::ErrorKind::FileTooLarge, format!("larger than {}", size(limit)))
            }
            ReadError::NotUtf8 { .. } => Self::new(io::ErrorKind::InvalidData, "not valid UTF-8"),
        }
    }
}

/// Reads a whole file of at most `limit` bytes. Nothing past the limit is read, so pipes and devices end there too.
///
/// # Errors
/// When the file cannot be read, or is larger.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let failed = |source| ReadError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if length > limit {
        return Err(ReadError::TooLarge { path: path.to_owned(), limit });
    }
    // One allocation of the size in the metadata: content that may be private is not copied while it grows.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default().saturating_add(1));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Reads a stream to its end, at most `limit` bytes.
///
/// # Errors
/// When it cannot be read, or has more.
pub fn read_stream_bounded(stream: impl io::Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {}", size(limit))));
    }
    Ok(bytes)
}

/// Reads a whole file of at most `limit` bytes of UTF-8.
///
/// # Errors
/// When the file cannot be read, is larger or is not UTF-8.
pub fn read_text_bounded(path: &Path, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(read_bounded(path, limit)?).map_err(|_| ReadError::NotUtf8 { path: path.to_owned() })
}

/// A number of bytes in the largest unit that divides it.
fn size(bytes: u64) -> String {
    match bytes {
        b if b != 0 && b % (1 << 20) == 0 => format!("{} MiB", b >> 20),
        b if b != 0 && b % (1 << 10) == 0 => format!("{} KiB", b >> 10),
        b => format!("{b} bytes"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_at_the_limit_is_read_and_one_byte_more_is_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("values.yaml");
        std::fs::write(&path, vec![b'x'; 1024]).unwrap();
        assert_eq!(read_bounded(&path, 1024).unwrap().len(), 1024);
        std::fs::write(&path, vec![b'x'; 1025]).unwrap();
        let error = read_bounded(&path, 1024).unwrap_err();
        assert_eq!(error.to_string(), format!("{} is larger than 1 KiB", path.display()));
        assert_eq!(io::Error::from(error).to_string(), "larger than 1 KiB");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_without_end_is_refused() {
        assert!(matches!(read_bounded(Path::new("/dev/zero"), 4096), Err(ReadError::TooLarge { limit: 4096, .. })));
    }

    #[test]
    fn what_is_not_utf8_or_missing_is_said_so() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        std::fs::write(&path, [0xff]).unwrap();
        assert!(matches!(read_text_bounded(&path, 10), Err(ReadError::NotUtf8 { .. })));
        let missing = read_bounded(&directory.path().join("y"), 10).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
