//! What templates can learn on this machine, and the file their output goes to.

use std::path::Path;
use std::sync::Arc;

use kopsform_env::Environment;
use kopsform_template::{EvalContext, FunctionError};

/// What a template may learn on this machine: the same as with kops.
pub fn eval_context(environment: &Environment) -> EvalContext {
    EvalContext {
        environment: environment.variables().clone(),
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

/// Writes a file whole or not at all; anything but a plain file, such as a pipe, is written to as it is.
///
/// # Errors
/// Those of the operating system.
pub fn write_text(path: &Path, text: &str) -> std::io::Result<()> {
    kopsform_files::replace(path, text.as_bytes(), kopsform_files::Mode::Keep(0o660))
}
