//! Addons: the documentation's table of versions says what the program does.

use kopsform::model::addons::versions::{COMPONENTS, KUBERNETES_MINORS};

#[test]
fn the_documented_versions_are_those_of_the_program() {
    let text = include_str!("../../docs/addons.md");
    let documented: Vec<&str> = text.lines().filter(|line| line.starts_with("| ") && line.contains('`')).collect();
    let actual: Vec<String> = COMPONENTS
        .iter()
        .map(|component| {
            let versions: Vec<&str> = KUBERNETES_MINORS.map(|minor| component.version(minor)).collect();
            format!("| {} | `{}` | {} |", component.addon, component.repository, versions.join(" | "))
        })
        .collect();
    assert_eq!(documented, actual);
}
