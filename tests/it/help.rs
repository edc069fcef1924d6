//! Help, manual pages, the version and schemas.

use std::process::Command;

use crate::support::{BINARY, clean, files, kopsform, root, stderr, stdout, succeed};

/// Every command that help shows, with its path.
fn shown(command: &clap::Command, path: &str, found: &mut Vec<(String, clap::Command)>) {
    found.push((path.to_owned(), command.clone()));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        shown(sub, format!("{path} {}", sub.get_name()).trim(), found);
    }
}

fn commands() -> Vec<(String, clap::Command)> {
    let mut root = kopsform::cli::command();
    root.build();
    let mut found = Vec::new();
    shown(&root, "", &mut found);
    assert!(found.len() > 50, "{}", found.len());
    found
}

/// The commands of this program in a line of an example, without what a shell does with their output.
fn commands_in(line: &str) -> Vec<Vec<String>> {
    let (mut words, mut word, mut quote) = (vec![String::new()], String::new(), None);
    // An operator is kept apart by a character that no argument has.
    let mut end = |word: &mut String| words.push(std::mem::take(word));
    let line = line.replace("$(", "(");
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.push(c),
            ('\'' | '"', None) => quote = Some(c),
            (' ', None) => end(&mut word),
            ('|' | '&' | ';' | '>' | '<' | '(' | ')', None) => {
                end(&mut word);
                word.push('\0');
                end(&mut word);
            }
            (c, None) => word.push(c),
        }
    }
    end(&mut word);
    words.retain(|word| !word.is_empty());
    let parts = words.split(|word| word == "\0");
    parts.filter(|part| part.first().is_some_and(|name| name == "kopsform")).map(<[_]>::to_vec).collect()
}

#[test]
fn examples_are_split_as_a_shell_does() {
    let line = "terraform show -json a | kopsform check plan - && kopsform version > f";
    assert_eq!(commands_in(line), [vec!["kopsform", "check", "plan", "-"], vec!["kopsform", "version"]]);
    let line = "echo 'source <(kopsform completion bash)'; export A=$(kopsform golden check --filter '^a b-')";
    assert_eq!(commands_in(line), [["kopsform", "golden", "check", "--filter", "^a b-"]]);
}

/// Commands that are run have examples, and each parses. One that reads the state of an example may need files; parsing does not.
#[test]
fn every_command_has_examples_that_parse() {
    let mut missing = Vec::new();
    let mut parsed = 0;
    for (path, command) in commands() {
        if path.is_empty() || command.is_subcommand_required_set() {
            continue;
        }
        let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        // `get [CLUSTER]` is the old form of `get all`.
        if !help.contains("Examples:\n") && path != "get" {
            missing.push(path.clone());
        }
        let mut names_itself = path == "get";
        for line in help.replace("\\\n", " ").lines().filter(|line| line.starts_with("    ")) {
            for words in commands_in(line) {
                let mut root = kopsform::cli::command();
                if let Err(error) = root.try_get_matches_from_mut(&words) {
                    panic!("{path}: {line}: {error}");
                }
                parsed += 1;
                names_itself = true;
            }
        }
        assert!(names_itself || path == "completion" || missing.contains(&path), "{path}: no example runs a command");
    }
    assert!(missing.is_empty(), "without examples: {missing:#?}");
    assert!(parsed > 80, "{parsed}");
}

#[test]
fn global_flags_have_a_heading_of_their_own() {
    for (path, mut command) in commands() {
        for help in [command.render_help().to_string(), command.render_long_help().to_string()] {
            let (own, global) = help.split_once("\nGlobal options:\n").unwrap_or_else(|| panic!("{path}: {help}"));
            for flag in ["--config <FILE>", "--state <URL>", "--name <NAME>", "--verbosity", "--color <WHEN>"] {
                assert!(global.contains(flag) && !own.contains(&format!("  {flag}")), "{path}: {flag}: {help}");
            }
        }
    }
}

#[test]
fn help_names_exit_codes() {
    let home = tempfile::tempdir().unwrap();
    let help = |line: &str| stdout(&succeed(kopsform(home.path()).args(line.split(' '))));
    let diff = help("diff --help");
    assert!(diff.contains("\nExit codes:\n  0  done") && diff.contains("\n  2  there are differences\n"), "{diff}");
    assert!(!help("get clusters --help").contains("\n  2  "));
    assert!(help("rolling-update cluster --help").contains("\n  3  stopped by the user\n"));
    let root = help("--help");
    assert!(root.contains("\n  70 a defect") && root.contains("\n  KOPS_CLUSTER_NAME\n"), "{root}");
    assert_eq!(root, help("help"), "both ask for all of it");
}

/// Makefiles written for kops call this program through a link with that name.
#[test]
fn called_as_kops_it_names_commands_so() {
    let home = tempfile::tempdir().unwrap();
    let link = home.path().join("kops");
    std::os::unix::fs::symlink(BINARY, &link).unwrap();
    let run = |line: &str| {
        let mut command = Command::new(&link);
        clean(&mut command, home.path());
        command.current_dir(home.path()).env("KOPS_STATE_STORE", format!("file://{}", home.path().display()));
        let output = command.args(line.split(' ')).output().unwrap();
        format!("{}{}", stdout(&output), stderr(&output))
    };
    assert_eq!(run("--version"), format!("kopsform {} (kops 1.36.2)\n", env!("CARGO_PKG_VERSION")));
    for (line, expected) in [
        ("update cluster --help", "Usage: kops update cluster "),
        ("update cluster --help", "    kops update cluster demo.example.com --target terraform"),
        ("-h", "`kops COMMAND --help`"),
        ("update cluster --outt x", "`kops update cluster --help`"),
        ("get cluster a.example.com", "`kops get clusters` lists"),
        ("edit ig --name a.example.com b", "`kops get clusters`"),
        ("reconcile cluster a", "`kops get clusters` lists"),
        ("toolbox dump", "kops get all -o yaml"),
    ] {
        let shown = run(line);
        assert!(shown.contains(expected), "{line}: {shown}");
        let names = kopsform::cli::command();
        let is_command =
            |rest: &str| rest.split([' ', '`']).next().is_some_and(|name| names.find_subcommand(name).is_some());
        let left: Vec<_> = shown.split("kopsform ").skip(1).filter(|rest| is_command(rest)).collect();
        assert_eq!(left, Vec::<&str>::new(), "{line}: {shown}");
    }
}

/// Messages write commands of this program as `kopsform COMMAND`, after a space or a backquote: only so is the name replaced by that
/// under which the program was called (`cli/program.rs`).
#[test]
fn messages_write_commands_so_that_the_name_can_be_replaced() {
    let names: Vec<String> = kopsform::cli::command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let mut wrong = Vec::new();
    let mut found = 0;
    for top in ["src", "crates"] {
        for (path, content) in files(&root().join(top)) {
            let source = String::from_utf8(content).unwrap_or_default();
            if !path.ends_with(".rs") || path.contains("tests") {
                continue;
            }
            for (number, line) in source.split("#[cfg(test)]").next().unwrap().lines().enumerate() {
                if line.trim_start().starts_with("//") {
                    continue;
                }
                for (at, _) in line.match_indices("kopsform ") {
                    let command = line[at + 9..].split(|c: char| !(c.is_alphanumeric() || c == '-')).next();
                    if !command.is_some_and(|command| names.iter().any(|name| name == command)) {
                        continue;
                    }
                    found += 1;
                    let before = line[..at].chars().next_back().unwrap_or(' ');
                    if !matches!(before, ' ' | '`' | '(' | '"' | '\'') {
                        wrong.push(format!("{top}/{path}:{}: {}", number + 1, line.trim()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found > 100, "{found}");
}

#[test]
fn every_command_has_a_manual_page() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("pages");
    succeed(kopsform(home.path()).args(["man", "--out"]).arg(&directory));
    let pages = files(&directory);
    for page in ["kopsform.1", "kopsform-sync.1", "kopsform-toolbox-template.1", "kopsform-update-cluster.1"] {
        let text = pages.get(page).unwrap_or_else(|| panic!("no {page} among {:?}", pages.keys()));
        let text = String::from_utf8_lossy(text);
        for section in ["SYNOPSIS", "EXIT STATUS", "ENVIRONMENT", "SEE ALSO"] {
            assert!(
                text.contains(&format!(".SH \"{section}\"")) || text.contains(&format!(".SH {section}")),
                "{page}: {section}"
            );
        }
        assert_eq!(text.contains(".SH EXAMPLES"), page != "kopsform.1", "{page}");
    }
    let root = String::from_utf8_lossy(&pages["kopsform.1"]);
    assert!(root.contains(".SS \"Cluster commands\""), "{root}");
    assert!(String::from_utf8_lossy(&pages["kopsform-diff.1"]).contains("there are differences"));
}

#[test]
fn the_version_is_that_of_kops() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(stdout(&succeed(kopsform(home.path()).args(["version", "--short"]))), "1.36.2\n");
    let text = stdout(&succeed(kopsform(home.path()).args(["version"])));
    assert_eq!(text, format!("Client version: 1.36.2 (git-v1.36.2)\nkopsform {}\n", env!("CARGO_PKG_VERSION")));
    let flag = stdout(&succeed(kopsform(home.path()).arg("--version")));
    assert_eq!(flag, format!("kopsform {} (kops 1.36.2)\n", env!("CARGO_PKG_VERSION")));
    let json = succeed(kopsform(home.path()).args(["version", "-o", "json"])).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["version"], &json["kops"]), (&env!("CARGO_PKG_VERSION").into(), &"1.36.2".into()));
    let features: Vec<_> = json["features"].as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
    assert_eq!(features.contains(&"aws"), cfg!(feature = "aws"), "{features:?}");
}

/// `version -o json` lists the targets; a script chooses one of them.
#[test]
fn every_target_that_the_version_lists_exists() {
    let home = tempfile::tempdir().unwrap();
    let json = succeed(kopsform(home.path()).args(["version", "-o", "json"])).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let targets: Vec<_> = json["targets"].as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
    assert!(targets.contains(&"terraform"), "{targets:?}");
    for target in targets {
        let mut command = kopsform(home.path());
        command.args(["update", "cluster", "a.example.com", "--offline", "--target", target, "--state"]);
        let output = command.arg(format!("file://{}", home.path().display())).output().unwrap();
        assert!(!stderr(&output).contains("is not supported"), "{target}: {}", stderr(&output));
    }
}

#[test]
fn the_schema_of_projects_accepts_the_examples() {
    let home = tempfile::tempdir().unwrap();
    let schema = succeed(kopsform(home.path()).args(["schema", "project"]));
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut checked = 0;
    for directory in ["examples", "golden"] {
        for (name, content) in files(&crate::support::root().join(directory)) {
            if name.ends_with("kopsform.yaml") {
                let project: serde_json::Value =
                    kopsform_yaml::from_str(&name, &String::from_utf8(content).unwrap()).unwrap();
                assert!(validator.is_valid(&project), "{directory}/{name}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 10, "{checked}");
    assert!(!validator.is_valid(&serde_json::json!({"templates": ["a"], "shhKey": "x"})));
}

#[test]
fn a_command_that_groups_others_shows_its_help() {
    let home = tempfile::tempdir().unwrap();
    for words in
        ["edit", "edit --name a.example.com", "create secret --name a.example.com -v 2", "rolling-update --state x"]
    {
        let output = succeed(kopsform(home.path()).args(words.split(' ')));
        assert!(stdout(&output).contains("Usage: ") && stderr(&output).is_empty(), "{words}: {}", stderr(&output));
    }
}
