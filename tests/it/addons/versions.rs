//! The documentation's table of versions says what the program does.

use std::fs;

use kopsform_model::addons::versions::{COMPONENTS, KUBERNETES_MINORS};

use crate::support::root;

/// A row of the table begins with the addon and its image.
fn is_row(line: &str) -> bool {
    line.starts_with("| ") && line.contains('`')
}

#[test]
fn the_documented_versions_are_those_of_the_program() {
    let path = root().join("docs/addons.md");
    let text = fs::read_to_string(&path).unwrap();
    let rows: Vec<String> = COMPONENTS
        .iter()
        .map(|component| {
            let versions: Vec<&str> = KUBERNETES_MINORS.map(|minor| component.version(minor)).collect();
            format!("| {} | `{}` | {} |", component.addon, component.repository, versions.join(" | "))
        })
        .collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let before = text.lines().take_while(|line| !is_row(line));
        let after = text.lines().skip_while(|line| !is_row(line)).skip_while(|line| is_row(line));
        let lines: Vec<&str> = before.chain(rows.iter().map(String::as_str)).chain(after).collect();
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        return;
    }
    let documented: Vec<&str> = text.lines().filter(|line| is_row(line)).collect();
    assert_eq!(documented, rows, "`just update` writes the table");
}
