//! Failures on purpose, so that tests reach every write of an operation.
//!
//! Every change of the file system in this crate is a step. In builds with debug assertions, [`inject_fault`] makes one step of
//! the process fail; other builds have neither the function nor the counter.

use std::fs::File;
use std::io::{self, Write as _};

/// What happens at the step.
#[cfg(debug_assertions)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Injection {
    /// The process is killed by a signal that it cannot handle.
    Kill,
    /// The device fails.
    Io,
    /// The device is full.
    NoSpace,
}

#[cfg(debug_assertions)]
mod injected {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Injection;

    static FAULT: OnceLock<(Injection, usize)> = OnceLock::new();
    static STEPS: AtomicUsize = AtomicUsize::new(0);

    pub fn set(fault: Injection, step: usize) {
        let _ = FAULT.set((fault, step));
    }

    /// Counts a step and returns the fault, if it is this step's.
    pub fn next() -> Option<Injection> {
        let (fault, step) = FAULT.get()?;
        (STEPS.fetch_add(1, Ordering::SeqCst) + 1 == *step).then_some(*fault)
    }
}

/// Makes a step of this process fail: `kill:3` kills it at the third one, `eio:3` and `enospc:3` return that error.
///
/// # Errors
/// When the text has another form.
#[cfg(debug_assertions)]
pub fn inject_fault(text: &str) -> Result<(), String> {
    let parsed = text.split_once(':').and_then(|(kind, step)| {
        let fault = match kind {
            "kill" => Injection::Kill,
            "eio" => Injection::Io,
            "enospc" => Injection::NoSpace,
            _ => return None,
        };
        Some((fault, step.parse().ok()?))
    });
    let (fault, step) = parsed.ok_or_else(|| format!("{text:?} is not kill:N, eio:N or enospc:N"))?;
    injected::set(fault, step);
    Ok(())
}

/// A step of changing the file system.
///
/// # Errors
/// The injected one.
#[cfg(debug_assertions)]
pub(crate) fn step() -> io::Result<()> {
    injected::next().map_or(Ok(()), fail)
}

/// A step of changing the file system.
#[cfg(not(debug_assertions))]
pub(crate) fn step() -> io::Result<()> {
    Ok(())
}

/// Writes bytes to a file, as a step. At an injected fault, a part of them is written, as on a device that becomes full.
pub(crate) fn write_all(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    #[cfg(debug_assertions)]
    if let Some(fault) = injected::next() {
        file.write_all(&bytes[..bytes.len() / 2])?;
        return fail(fault);
    }
    file.write_all(bytes)
}

#[cfg(debug_assertions)]
fn fail(fault: Injection) -> io::Result<()> {
    // The numbers are those of Linux; the kinds follow from them.
    match fault {
        Injection::Io => Err(io::Error::from_raw_os_error(5)),
        Injection::NoSpace => Err(io::Error::from_raw_os_error(28)),
        Injection::Kill => loop {
            let _ = std::process::Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status();
            std::thread::sleep(std::time::Duration::from_secs(1));
        },
    }
}
