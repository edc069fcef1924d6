//! Documents that are generated from the program's definitions, and tables that are checked against them.

use std::collections::BTreeSet;

use crate::support::root;

#[test]
fn the_command_line_reference_is_up_to_date() {
    let (path, text) = (root().join("docs/cli.md"), kopsform::cli::reference::markdown());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "docs/cli.md is out of date: regenerate it with UPDATE_GOLDEN=1");
}

/// Constants outside the table of variables would be missing from the documentation.
#[test]
fn every_variable_is_in_the_table() {
    let source = std::fs::read_to_string(root().join("crates/env/src/lib.rs")).unwrap();
    assert!(!source.contains("pub const KOPS"), "declare it inside variables! in crates/env/src/lib.rs");
    let names: BTreeSet<_> = kopsform_env::ALL.iter().map(|variable| variable.name).collect();
    assert_eq!(names.len(), kopsform_env::ALL.len(), "each once");
    for variable in kopsform_env::ALL {
        assert!(variable.about.trim().ends_with('.'), "{}: {}", variable.name, variable.about);
    }
}

/// Each flag that docs/kops-parity.md lists for a command is a flag of that command.
#[test]
fn flags_that_are_said_to_be_there_are() {
    let text = std::fs::read_to_string(root().join("docs/kops-parity.md")).unwrap();
    let mut command = None;
    let (mut flags, mut wrong) = (0, Vec::new());
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("### `") {
            let path = heading.split('`').next().unwrap();
            command = find(path);
            if command.is_none() {
                wrong.push(format!("there is no command {path}"));
            }
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (Some(command), ["", names, _, ..]) = (&command, cells.as_slice()) else { continue };
        let is_name = |name: &&str| name.starts_with(char::is_alphabetic);
        for name in names.split('`').filter_map(|part| part.strip_prefix("--")).filter(is_name) {
            flags += 1;
            let taken = command
                .get_arguments()
                .any(|arg| arg.get_long() == Some(name) || arg.get_all_aliases().unwrap_or_default().contains(&name));
            if !taken {
                wrong.push(format!("{}: --{name}", command.get_name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(flags > 150, "only {flags} flags were found: has the form of the tables changed?");
}

fn find(path: &str) -> Option<clap::Command> {
    let mut command = kopsform::cli::command();
    command.build();
    for word in path.split(' ') {
        command = command.find_subcommand(word)?.clone();
    }
    Some(command)
}
