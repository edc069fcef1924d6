//! Completion of command lines: the scripts of each shell, and the names that come from the state store.

use std::path::Path;
use std::process::Command;

use crate::support::{BINARY, clean, kopsform, skip, stderr, stdout, stored_minimal_project, succeed, tool};

const CLUSTER: &str = "minimal.k8s.local";

/// What the program offers for the last of some words, as a script asks for it.
fn offered(configure: impl FnOnce(&mut Command), home: &Path, words: &[&str]) -> Vec<String> {
    let mut command = kopsform(home);
    command.current_dir(home).env("KOPSFORM_COMPLETE", "bash").env("_CLAP_IFS", "\n");
    command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    configure(&mut command);
    let output = succeed(command.args(["--", "kopsform"]).args(words));
    assert_eq!(stderr(&output), "", "a shell shows it in the line: {words:?}");
    stdout(&output).lines().map(str::to_owned).collect()
}

fn in_store(home: &Path, words: &[&str]) -> Vec<String> {
    let store = format!("file://{}", home.join("state").display());
    let configure = |command: &mut Command| {
        command.env("KOPS_STATE_STORE", store).env("KOPS_CLUSTER_NAME", CLUSTER);
    };
    offered(configure, home, words)
}

#[test]
fn an_unknown_shell_is_an_error_like_others() {
    let home = tempfile::tempdir().unwrap();
    let output = kopsform(home.path()).env("KOPSFORM_COMPLETE", "nope").output().unwrap();
    assert!(!output.status.success());
    let error = stderr(&output);
    assert!(error.starts_with("error: unknown shell") && error.matches("error: ").count() == 1, "{error}");
}

#[test]
fn commands_and_values_are_offered_and_flags_after_a_hyphen() {
    let home = tempfile::tempdir().unwrap();
    let of = |words: &[&str]| offered(|_| {}, home.path(), words);
    let commands = of(&[""]);
    assert!(
        commands.contains(&"rolling-update".to_owned()) && !commands.contains(&"--state".to_owned()),
        "{commands:?}"
    );
    assert_eq!(of(&["upd"]), ["update"]);
    assert_eq!(of(&["update", "cluster", "--layout", ""]), ["single", "split", "module"]);
    let flags = of(&["update", "cluster", "--"]);
    assert!(
        ["--target", "--out", "--state", "--help"].iter().all(|flag| flags.contains(&(*flag).to_owned())),
        "{flags:?}"
    );
}

#[test]
fn names_come_from_the_state_store() {
    let home = stored_minimal_project();
    let of = |words: &[&str]| in_store(home.path(), words);
    assert_eq!(of(&["update", "cluster", ""]), [CLUSTER]);
    assert_eq!(of(&["get", "clusters", "--name", ""]), [CLUSTER]);
    assert_eq!(of(&["get", "ig", ""]), ["control-plane", "nodes"]);
    assert_eq!(of(&["edit", "ig", "n"]), ["nodes"]);
    assert_eq!(of(&["rolling-update", "cluster", "--instance-group", "control-plane,n"]), ["control-plane,nodes"]);
    let keysets = of(&["promote", "keypair", ""]);
    assert!(keysets.contains(&"kubernetes-ca".to_owned()) && keysets.contains(&"all".to_owned()), "{keysets:?}");
    assert_eq!(of(&["get", "keypairs", "service-"]), ["service-account"]);
    assert!(of(&["get", "secrets", ""]).contains(&"admin".to_owned()));
    assert_eq!(of(&["create", "ig", "n"]), Vec::<String>::new(), "a new group has another name");
}

#[test]
fn flags_on_the_line_name_the_store_and_the_cluster() {
    let home = stored_minimal_project();
    let store = format!("file://{}", home.path().join("state").display());
    let of = |words: &[&str]| offered(|_| {}, home.path(), words);
    assert_eq!(of(&["get", "ig", "--state", &store, "--name", CLUSTER, "no"]), ["nodes"]);
    assert_eq!(of(&["get", "ig", &format!("--state={store}"), &format!("--name={CLUSTER}"), "no"]), ["nodes"]);
    assert_eq!(of(&["get", "ig", "--state", &store, "--name", "other.example.com", "no"]), Vec::<String>::new());
}

#[test]
fn files_and_directories_are_offered() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("cluster.yaml"), "").unwrap();
    std::fs::create_dir(home.path().join("clusters")).unwrap();
    let of = |words: &[&str]| offered(|_| {}, home.path(), words);
    assert_eq!(of(&["replace", "-f", "cl"]), ["cluster.yaml", "clusters/"]);
    assert_eq!(of(&["update", "cluster", "--out", "cl"]), ["clusters/"]);
}

/// A shell must not wait, and must not show why there are no names.
#[test]
fn a_store_that_cannot_be_read_gives_no_names_and_no_message() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("kopsform.yaml"), "templates: [").unwrap();
    for store in ["file:///nowhere", "s3://", "ftp://x", ""] {
        let configure = |command: &mut Command| {
            command.env("KOPS_STATE_STORE", store);
        };
        assert_eq!(offered(configure, home.path(), &["update", "cluster", "x"]), Vec::<String>::new(), "{store}");
    }
}

#[cfg(feature = "aws")]
#[test]
fn a_store_that_does_not_answer_is_given_up() {
    let home = tempfile::tempdir().unwrap();
    // Accepts connections and never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let configure = |command: &mut Command| {
        command.env("KOPS_STATE_STORE", "s3://bucket").env("AWS_ENDPOINT_URL", &address).env("AWS_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "x").env("AWS_SECRET_ACCESS_KEY", "x");
    };
    let began = std::time::Instant::now();
    assert_eq!(offered(configure, home.path(), &["update", "cluster", "x"]), Vec::<String>::new());
    let took = began.elapsed();
    assert!(took < std::time::Duration::from_secs(5), "{took:?}");
}

#[cfg(feature = "aws")]
#[test]
fn names_come_from_a_store_in_s3() {
    use crate::support::simulated_aws::{BUCKET, SimulatedAws};
    let Some(aws) = SimulatedAws::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let name = "new.k8s.local";
    let create = "create cluster --name new.k8s.local --zones us-east-1a --kubernetes-version 1.36.0";
    succeed(aws.kopsform(home.path()).args(create.split_whitespace()));
    succeed(aws.kopsform(home.path()).args(["create", "keypair", "kubernetes-ca", "--primary", "--name", name]));
    let of = |words: &[&str]| {
        let mut command = aws.kopsform(home.path());
        command
            .env("KOPSFORM_COMPLETE", "bash")
            .env("_CLAP_IFS", "\n")
            .env("KOPS_STATE_STORE", format!("s3://{BUCKET}"));
        command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
        let output = succeed(command.args(["--", "kopsform"]).args(words));
        assert_eq!(stderr(&output), "");
        stdout(&output).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of(&["update", "cluster", ""]), [name]);
    assert_eq!(of(&["get", "ig", "--name", name, "nodes"]), ["nodes-us-east-1a"]);
    assert_eq!(of(&["promote", "keypair", "--name", name, "kube"]), ["kubernetes-ca"]);
}

/// Runs a script in a shell that finds the program on its path, in a project.
fn in_shell(shell: &str, arguments: &[&str], script: &str, home: &Path) -> Option<String> {
    let Some(shell) = tool(shell) else {
        skip(&format!("{shell} is not installed"));
        return None;
    };
    let directories = std::env::var_os("PATH").unwrap_or_default();
    let own = Path::new(BINARY).parent().unwrap().to_owned();
    let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&directories))).unwrap();
    let mut command = Command::new(shell);
    clean(&mut command, home);
    command.env("PATH", path).env("KOPS_STATE_STORE", format!("file://{}", home.join("state").display()));
    let output =
        succeed(command.env("KOPS_CLUSTER_NAME", CLUSTER).current_dir(home).args(arguments).arg("-c").arg(script));
    assert_eq!(stderr(&output), "");
    Some(stdout(&output))
}

#[test]
fn bash_completes_with_the_script() {
    let home = stored_minimal_project();
    let script = "source <(kopsform completion bash)\n\
        complete -p kopsform > /dev/null || exit 1\n\
        COMP_WORDS=(kopsform get ig no); COMP_CWORD=3; COMP_TYPE=9\n\
        _clap_complete_kopsform kopsform no ig; printf '%s\\n' \"${COMPREPLY[@]}\"";
    if let Some(offered) = in_shell("bash", &["--norc"], script, home.path()) {
        assert_eq!(offered.trim(), "nodes");
    }
}

#[test]
fn zsh_accepts_the_script() {
    let home = stored_minimal_project();
    // Completion itself needs a terminal; the script's function asks the program as this does.
    let script = "autoload -U compinit && compinit -u -d $HOME/dump\n\
        source <(kopsform completion zsh)\n\
        [[ -n ${_comps[kopsform]} ]] || exit 1\n\
        _CLAP_IFS=$'\\n' _CLAP_COMPLETE_INDEX=3 KOPSFORM_COMPLETE=zsh kopsform -- kopsform get ig no";
    if let Some(offered) = in_shell("zsh", &["-f"], script, home.path()) {
        assert_eq!(offered.trim(), "nodes");
    }
}

#[test]
fn fish_completes_with_the_script() {
    let home = stored_minimal_project();
    let script = "kopsform completion fish | source; complete -C 'kopsform get ig no'";
    if let Some(offered) = in_shell("fish", &["--no-config"], script, home.path()) {
        assert_eq!(offered.split_whitespace().next(), Some("nodes"), "{offered}");
    }
}

#[test]
fn a_link_named_kops_is_completed_under_that_name() {
    let home = tempfile::tempdir().unwrap();
    let link = home.path().join("kops");
    std::os::unix::fs::symlink(BINARY, &link).unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let mut command = Command::new(&link);
        clean(&mut command, home.path());
        let script = stdout(&succeed(command.args(["completion", shell])));
        assert!(script.contains("kops") && !script.contains("kopsform "), "{shell}: {script}");
    }
}
