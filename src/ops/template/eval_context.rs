//! What templates meet on this machine, and the file their text goes to.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::ChannelSource;
use crate::ops::support::channel;
use kopsform_env::Environment;
use kopsform_spec::channel::{Channel, DEFAULT_CHANNEL};
use kopsform_template::{EvalContext, FunctionError};

/// Reads the channel the first time it is asked for; the functions that ask can't wait, so the thread does.
pub fn channel_source(location: &str, offline: bool, environment: &Environment) -> ChannelSource {
    let (location, environment) = (location.to_owned(), environment.clone());
    Arc::new(move || {
        if location == DEFAULT_CHANNEL {
            return Ok(Channel::stable().clone());
        }
        let load = channel::load(&location, offline, &environment);
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(load))
            .map_err(|error| FunctionError::new(error.to_string()))
    })
}

/// What a template may learn on this machine: all that kops' may.
pub fn eval_context(environment: &Environment) -> EvalContext {
    EvalContext {
        environment: environment.clone(),
        now: Some(jiff::Timestamp::now()),
        zone: jiff::tz::TimeZone::system(),
        random: Some(Arc::new(|buffer: &mut [u8]| {
            getrandom::fill(buffer).map_err(|error| FunctionError::new(format!("no randomness: {error}")))
        })),
        resolver: Some(Arc::new(|host: &str| {
            use std::net::ToSocketAddrs as _;
            let addresses = (host, 0).to_socket_addrs();
            addresses.map(|all| all.map(|a| a.ip().to_string()).collect()).unwrap_or_default()
        })),
    }
}

/// Writes a file whole or not at all; what is no plain file, such as a pipe, is written to as it is.
///
/// # Errors
/// What the system says.
pub fn write_text(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let plain = std::fs::symlink_metadata(path).map_or(true, |meta| meta.is_file());
    if !plain {
        return std::fs::OpenOptions::new().write(true).truncate(true).open(path)?.write_all(text.as_bytes());
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o660)
        .open(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}
