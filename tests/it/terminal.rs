//! What a terminal shows: colors, progress, and one form of errors.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::support::{BINARY, clean, copy, kopsform, root, skip, stderr, stdout, succeed, tool};

const ESCAPE: char = '\u{1b}';

/// Runs the program on a terminal of its own; what it shows is the output.
fn on_terminal(home: &Path, variables: &[(&str, &str)], line: &str) -> Option<String> {
    let Some(script) = tool("script") else {
        skip("script (util-linux) is not installed");
        return None;
    };
    let mut command = Command::new(script);
    clean(&mut command, home);
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("TERM", "xterm").envs(variables.iter().copied());
    let output = command.args(["-qec", &format!("{BINARY} {line}"), "/dev/null"]).current_dir(home).output().unwrap();
    Some(stdout(&output))
}

/// Runs the program with its output in pipes.
fn in_pipes(home: &Path, variables: &[(&str, &str)], line: &str) -> Output {
    let mut command = kopsform(home);
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(variables.iter().copied()).current_dir(home);
    command.args(line.split(' ')).output().unwrap()
}

#[test]
fn errors_and_help_have_colors_on_terminals_only() {
    let home = tempfile::tempdir().unwrap();
    for line in ["get clusters", "update cluster --outt x", "--help", "update cluster --help"] {
        let piped = in_pipes(home.path(), &[], line);
        assert!(!stdout(&piped).contains(ESCAPE) && !stderr(&piped).contains(ESCAPE), "{line}");
        let forced = in_pipes(home.path(), &[("CLICOLOR_FORCE", "1")], line);
        assert!(format!("{}{}", stdout(&forced), stderr(&forced)).contains(ESCAPE), "CLICOLOR_FORCE {line}");
        let always = in_pipes(home.path(), &[("NO_COLOR", "1")], &format!("--color always {line}"));
        assert!(format!("{}{}", stdout(&always), stderr(&always)).contains(ESCAPE), "--color always {line}");
        for (variables, line, colored) in [
            (&[][..], line.to_owned(), true),
            (&[("NO_COLOR", "1")], line.to_owned(), false),
            (&[("TERM", "dumb")], line.to_owned(), false),
            (&[], format!("--color never {line}"), false),
            (&[], format!("{line} --color=never"), false),
        ] {
            let Some(shown) = on_terminal(home.path(), variables, &line) else { return };
            assert_eq!(shown.contains(ESCAPE), colored, "{variables:?} {line}: {shown:?}");
        }
    }
}

#[test]
fn changes_and_states_have_colors() {
    let home = tempfile::tempdir().unwrap();
    copy(&root().join("examples/minimal"), home.path());
    for made in ["state", "out"] {
        let _ = std::fs::remove_dir_all(home.path().join(made));
    }
    succeed(kopsform(home.path()).current_dir(home.path()).args(["sync", "--offline"]));
    let store = format!("file://{}", home.path().join("state").display());
    let spec = std::fs::read_to_string(home.path().join("cluster.yml")).unwrap();
    let (before, after) = spec.rsplit_once("maxSize: ").unwrap();
    let changed = format!("{before}maxSize: 1{after}");
    std::fs::write(home.path().join("changed.yml"), changed).unwrap();
    for (line, added) in [
        ("replace -f changed.yml --dry-run --offline --color always", "\u{1b}[32m+"),
        ("diff -f changed.yml --offline --color always", "\u{1b}[33m~"),
        ("pki report --name minimal.k8s.local --color always", "\u{1b}[32mvalid\u{1b}[0m"),
    ] {
        let colored = in_pipes(home.path(), &[("KOPS_STATE_STORE", &store)], line);
        assert!(stdout(&colored).contains(added), "{line}: {:?}", stdout(&colored));
        let plain = in_pipes(home.path(), &[("KOPS_STATE_STORE", &store)], &line.replace("always", "never"));
        let stripped = anstream::adapter::strip_str(&stdout(&colored)).to_string();
        assert_eq!(stripped, stdout(&plain), "{line}: nothing is shown by color alone");
    }
    // Data has none, whatever is asked for.
    let data = in_pipes(home.path(), &[("KOPS_STATE_STORE", &store)], "get clusters -o yaml --color always");
    assert!(!stdout(&data).contains(ESCAPE));
}

#[test]
fn errors_about_arguments_have_the_form_of_all_errors() {
    let home = tempfile::tempdir().unwrap();
    for (line, message, hint) in [
        ("updat", "error: unrecognized subcommand 'updat'", "hint: a similar subcommand exists: 'update'"),
        ("get ig --nam x", "error: unexpected argument '--nam' found", "hint: a similar argument exists: '--name'"),
        ("validate cluster --wait long", "error: invalid value 'long' for '--wait <DURATION>': ", "hint: "),
        (
            "validate spec",
            "error: the following required arguments were not provided:\n  --filename <FILE>",
            "hint: usage: ",
        ),
        ("diff --stored --project x", "error: the argument '--stored", "hint: usage: "),
        ("get clusters", "error: no state store is given", "hint: set --state or KOPS_STATE_STORE"),
        ("replace", "error: no file is given", "hint: use -f FILE"),
    ] {
        let output = in_pipes(home.path(), &[], line);
        let shown = stderr(&output);
        assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()), "{line}");
        assert!(shown.starts_with(message), "{line}: {shown}");
        let mut hints = shown.lines().skip_while(|line| !line.starts_with("hint: ")).peekable();
        assert!(hints.peek().is_some() && hints.all(|line| line.starts_with("hint: ")), "{line}: {shown}");
        assert!(shown.contains(hint), "{line}: {shown}");
    }
}

/// A command that waits for a file, which is written after some time.
fn slow(home: &Path, wait: Duration) -> std::thread::JoinHandle<()> {
    let fifo = home.join("slow.yaml");
    succeed(Command::new("mkfifo").arg(&fifo));
    std::thread::spawn(move || {
        std::thread::sleep(wait);
        std::fs::write(fifo, "kind: Nothing\n").unwrap();
    })
}

#[test]
fn a_terminal_shows_what_takes_longer_than_a_second() {
    let home = tempfile::tempdir().unwrap();
    let writer = slow(home.path(), Duration::from_millis(2500));
    let shown = on_terminal(home.path(), &[], "validate spec -f slow.yaml");
    if shown.is_none() {
        std::fs::read(home.path().join("slow.yaml")).unwrap();
    }
    writer.join().unwrap();
    let Some(shown) = shown else { return };
    assert!(shown.contains("validate spec"), "{shown:?}");
    // The line is removed before anything is printed, and at the end.
    assert!(shown.contains("\u{1b}[2K1 file: 1 error") && shown.ends_with("\u{1b}[2K"), "{shown:?}");
    let Some(fast) = on_terminal(home.path(), &[], "version") else { return };
    assert!(!fast.contains(ESCAPE), "{fast:?}");
}

#[test]
fn a_log_gets_a_line_every_ten_seconds() {
    let home = tempfile::tempdir().unwrap();
    let writer = slow(home.path(), Duration::from_millis(11_500));
    let mut command = kopsform(home.path());
    command.current_dir(home.path()).args(["validate", "spec", "-f", "slow.yaml", "-o", "json"]);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    writer.join().unwrap();
    assert!(stderr(&output).starts_with("still working: validate spec (1"), "{}", stderr(&output));
    assert!(!stderr(&output).contains(ESCAPE), "{}", stderr(&output));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document.is_object() || document.is_array(), "{document}");
}
