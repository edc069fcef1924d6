//! Output that cannot be written: a full device and closed pipes, for every command.

use std::fs::{File, OpenOptions};
use std::process::{Command, Stdio};

use crate::support::{files, kopsform, minimal_project, stderr, stdout, succeed};

/// Every command that can be run, such as `get instancegroups`: the leaves of the tree that clap parses.
fn commands() -> Vec<Vec<String>> {
    fn collect(command: &clap::Command, words: &[String], found: &mut Vec<Vec<String>>) {
        let subcommands: Vec<_> = command.get_subcommands().filter(|sub| sub.get_name() != "help").collect();
        if subcommands.is_empty() && !words.is_empty() {
            found.push(words.to_vec());
        }
        for sub in subcommands {
            let mut words = words.to_vec();
            words.push(sub.get_name().to_owned());
            collect(sub, &words, found);
        }
    }
    let mut found = Vec::new();
    collect(&kopsform::cli::command(), &[], &mut found);
    assert!(found.len() > 40, "{found:?}");
    found
}

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

/// A pipe that no one reads.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    Stdio::from(writer)
}

/// What a stream leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Full,
    Closed,
}

impl End {
    fn stream(self) -> Stdio {
        match self {
            Self::Full => full().into(),
            Self::Closed => closed(),
        }
    }
}

/// A project and a store in which `minimal.k8s.local` is, without output.
fn project() -> tempfile::TempDir {
    let directory = minimal_project();
    succeed(sync(directory.path()).args(["--skip", "terraform"]));
    directory
}

fn sync(directory: &std::path::Path) -> Command {
    let mut command = kopsform(directory);
    command.current_dir(directory).args(["sync", "--offline"]);
    command
}

fn run(directory: &std::path::Path, words: &[String]) -> Command {
    let mut command = kopsform(directory);
    command.current_dir(directory).args(words);
    command.env("KOPS_STATE_STORE", format!("file://{}", directory.join("state").display()));
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("EDITOR", "true");
    command
}

#[test]
fn no_command_panics_or_succeeds_without_its_output() {
    let directory = project();
    for words in commands() {
        for arguments in [vec![], vec!["--help"], vec!["--no-such-flag"]] {
            let all: Vec<String> = words.iter().cloned().chain(arguments.iter().map(|&a| a.to_owned())).collect();
            let shown = all.join(" ");
            let usual = run(directory.path(), &all).output().unwrap();
            let prints = !usual.stdout.is_empty();
            for end in [End::Full, End::Closed] {
                let out = run(directory.path(), &all).stdout(end.stream()).output().unwrap();
                assert_ne!(out.status.code(), Some(70), "{shown} > {end:?}: {}", stderr(&out));
                assert!(out.status.code().is_some(), "{shown} > {end:?}: {}", out.status);
                if end == End::Full && prints && usual.status.success() {
                    assert_eq!(out.status.code(), Some(1), "{shown} > /dev/full");
                    assert!(stderr(&out).contains("cannot write to standard output"), "{shown}: {}", stderr(&out));
                }
                let err = run(directory.path(), &all).stderr(end.stream()).output().unwrap();
                assert_eq!(err.status.code(), usual.status.code(), "{shown} 2> {end:?}");
                assert_eq!(err.stdout.is_empty(), usual.stdout.is_empty(), "{shown} 2> {end:?}");
                let both = run(directory.path(), &all).stdout(end.stream()).stderr(end.stream()).output().unwrap();
                assert_ne!(both.status.code(), Some(70), "{shown} > {end:?} 2>&1");
            }
        }
    }
}

#[test]
fn commands_that_change_something_do_it_whoever_reads() {
    for end in [End::Full, End::Closed] {
        for is_stderr in [false, true] {
            let directory = project();
            let mut command = sync(directory.path());
            if is_stderr {
                command.stderr(end.stream())
            } else {
                command.stdout(end.stream())
            };
            let output = command.output().unwrap();
            let expected = if end == End::Full && !is_stderr { Some(1) } else { Some(0) };
            assert_eq!(output.status.code(), expected, "{end:?}: {}{}", stdout(&output), stderr(&output));
            assert!(
                files(&directory.path().join("out")).contains_key("kubernetes.tf"),
                "{end:?}: the work was not done"
            );
        }
    }
}

#[test]
fn a_reader_that_has_enough_ends_nothing_early() {
    let directory = project();
    let get = ["get", "all", "--name", "minimal.k8s.local", "-o", "yaml"].map(str::to_owned);
    let output = run(directory.path(), &get).stdout(closed()).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}
