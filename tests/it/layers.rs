//! Rules about which part of the program may use what.

use std::path::Path;

use crate::support::{files, root};

/// Lines of Rust files in a directory of `src` that `matches` finds, as `file:line: content`; comments are left out.
fn lines(directory: &str, matches: impl Fn(&str) -> bool) -> Vec<String> {
    let sources = files(&root().join("src").join(directory));
    assert!(!sources.is_empty(), "src/{directory} is empty");
    let mut found = Vec::new();
    for (name, content) in sources {
        let path = Path::new("src").join(directory).join(name);
        for (number, line) in String::from_utf8(content).unwrap().lines().enumerate() {
            if !line.trim_start().starts_with("//") && matches(line) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    found
}

/// Operations can be called without a command line.
#[test]
fn operations_do_not_use_clap() {
    let found = lines("ops", |line| line.contains("clap::") || line.contains("use clap"));
    assert!(found.is_empty(), "clap belongs to src/cli:\n{}", found.join("\n"));
}

/// clippy denies `print!` and its like; this finds the streams themselves.
#[test]
fn only_the_user_interface_prints() {
    let streams = ["io::stdout()", "io::stderr()", "print!(", "println!("];
    let harmless = |line: &str| line.contains("is_terminal()") || line.contains(".flush()");
    let found: Vec<_> = ["cli", "ops"]
        .into_iter()
        .flat_map(|directory| {
            lines(directory, |line| streams.iter().any(|stream| line.contains(stream)) && !harmless(line))
        })
        .filter(|line| !line.starts_with("src/cli/ui.rs:"))
        .collect();
    assert!(found.is_empty(), "printing belongs to src/cli/ui.rs:\n{}", found.join("\n"));
}

/// A command that ends the process in the middle loses what comes after it, such as giving a lock back. The second signal
/// is meant to do that.
#[test]
fn only_main_ends_the_process() {
    let found: Vec<_> = ["cli", "ops"]
        .into_iter()
        .flat_map(|directory| lines(directory, |line| line.contains("process::exit(")))
        .filter(|line| !line.starts_with("src/cli/signals.rs:"))
        .collect();
    assert!(found.is_empty(), "return an exit code instead:\n{}", found.join("\n"));
}
