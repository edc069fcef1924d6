//! The wording of names, and of help. `scripts/check-words` searches documentation, messages and comments.

use crate::support::{files, root};

/// Words that no name contains as a part, and whole names, with what to use instead.
const NAMES: &[(&str, &str)] = &[
    ("AbsentArgs", "UnsupportedArgs"),
    ("Balancer", "LoadBalancerRef"),
    ("Came", "FailureStage"),
    ("Elsewhere", "OtherCloudFlags"),
    ("Fault", "Retryability"),
    ("Means", "EditSource"),
    ("Patient", "RetryingKubernetes"),
    ("Scene", "context, fixture"),
    ("Standing", "MemberState"),
    ("Truth", "ConditionStatus"),
    ("World", "environment, fixture"),
    ("around", "context, deps"),
    ("doomed", "target, deletion"),
    ("emptied", "aborted"),
    ("flaw", "error"),
    ("folder", "directory"),
    ("folders", "directories"),
    ("innermost", "root_cause"),
    ("keep_assigned", "preserve_immutable"),
    ("leftover", "residue"),
    ("leftovers", "residues"),
    ("mend", "fix, patch"),
    ("mistake", "error"),
    ("mistakes", "errors"),
    ("name32", "load_balancer_name"),
    ("people", "users"),
    ("person", "user"),
    ("remedy", "hint"),
    ("stored_form", "stored_metadata"),
    ("stray", "orphan"),
    ("surrounding", "context"),
    ("surroundings", "context"),
    ("tell", "report, emit"),
    ("texts", "contents, files"),
    ("told", "reported"),
    ("trouble", "error"),
];

#[test]
fn names_use_the_words_of_the_field() {
    let mut found = Vec::new();
    for (path, source) in sources() {
        for (number, line) in source.lines().enumerate() {
            for name in identifiers(&code(line)) {
                for word in words(name) {
                    if let Some((_, instead)) = NAMES.iter().find(|(wrong, _)| *wrong == word || *wrong == name) {
                        found.push(format!("{path}:{}: {name}: use {instead}", number + 1));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The Rust files of the repository by their paths, except this one, which lists the words.
fn sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for top in ["benches", "crates", "src", "tests"] {
        let found = files(&root().join(top)).into_iter().filter(|(path, _)| path.ends_with(".rs"));
        sources.extend(found.map(|(path, content)| (format!("{top}/{path}"), String::from_utf8(content).unwrap())));
    }
    sources.retain(|(path, _)| path != "tests/it/language.rs");
    assert!(sources.len() > 400, "only {} files", sources.len());
    sources
}

/// A line without its comment and the content of its strings.
fn code(line: &str) -> String {
    let line = line.split("//").next().unwrap_or_default();
    let outside = line.split('"').step_by(2);
    outside.collect::<Vec<_>>().join(" ")
}

fn identifiers(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|name| !name.is_empty())
}

/// The words of a name in snake case or camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().unwrap().extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Help has one form: a summary without a full stop for every command, flag and argument.
#[test]
fn every_command_and_flag_has_a_summary() {
    let mut found = Vec::new();
    check_help(&kopsform::cli::command(), "", &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn check_help(command: &clap::Command, parent: &str, found: &mut Vec<String>) {
    let path = format!("{parent} {}", command.get_name()).trim().to_owned();
    let mut check = |what: &str, summary: Option<String>| match summary {
        None => found.push(format!("{what}: no help")),
        Some(summary) if summary.trim_end().ends_with('.') => found.push(format!("{what}: a full stop: {summary}")),
        Some(summary) if summary.starts_with(char::is_lowercase) => {
            found.push(format!("{what}: lower case: {summary}"))
        }
        Some(_) => {}
    };
    if !command.is_hide_set() {
        check(&path, command.get_about().map(ToString::to_string));
    }
    for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
        check(&format!("{path}: {}", argument.get_id()), argument.get_help().map(ToString::to_string));
    }
    for subcommand in command.get_subcommands() {
        check_help(subcommand, &path, found);
    }
}

#[test]
fn names_are_split_into_words() {
    assert_eq!(words("folderName"), ["folder", "name"]);
    assert_eq!(words("the_folders"), ["the", "folders"]);
    assert_eq!(identifiers(&code("let folder = \"person\"; // doomed")).collect::<Vec<_>>(), ["let", "folder"]);
}
