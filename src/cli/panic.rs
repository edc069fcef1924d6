//! What happens at a defect of the program.

use std::panic::PanicHookInfo;

use super::ui;
use kopsform_diagnostics::exit::ExitCode;

/// Runs the program; a panic is reported and gives the exit code of internal errors.
///
/// Releases do not unwind, so there the hook ends the process. Elsewhere it may be a thread that panics, and the rest goes on.
pub fn reported(run: fn() -> std::process::ExitCode) -> std::process::ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        report(panic);
        if cfg!(panic = "abort") {
            std::process::exit(ExitCode::Internal as i32);
        }
    }));
    std::panic::catch_unwind(run).unwrap_or(std::process::ExitCode::from(ExitCode::Internal as u8))
}

/// Reports a panic instead of the standard library's message, which would show values and end the program a second time where
/// stderr cannot be written.
fn report(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!(" at {}:{}", in_workspace(place.file()), place.line()));
    ui::last_line(&format!("error: internal error{}: this is a defect of kopsform", place.unwrap_or_default()));
    ui::last_line(
        "hint: report it with the command and this message; run the command again once it is fixed: finished writes are whole",
    );
}

/// The path of a source file without the directory of the build.
fn in_workspace(file: &str) -> &str {
    file.rsplit_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/')).map_or(file, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_placed_without_the_directory_of_the_build() {
        assert_eq!(in_workspace("crates/yaml/src/parse.rs"), "crates/yaml/src/parse.rs");
        assert_eq!(in_workspace("/x/registry/src/index-1/hcl-rs-0.20.0/src/lib.rs"), "hcl-rs-0.20.0/src/lib.rs");
    }
}
