//! `toolbox template` from files to text.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{kopsform, stderr, stdout, succeed};

struct Directory(tempfile::TempDir);

impl Directory {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = kopsform(self.0.path());
        command.current_dir(self.0.path()).args(["toolbox", "template"]).args(args);
        command
    }

    fn text(&self, args: &[&str]) -> String {
        stdout(&succeed(&mut self.command(args)))
    }

    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        stderr(&output)
    }
}

#[test]
fn values_merge_in_order_and_settings_win() {
    let directory = Directory::new(&[
        ("values/1.yaml", "a: {b: 1, c: file}\nlist: [1, 2]\n"),
        ("values/2.json", "{\"a\": {\"c\": \"later\"}, \"big\": 1000000}"),
        ("t.tpl", "{{ .a.b }} {{ .a.c }} {{ .list }} {{ .big }} {{ .n }} {{ .s }} {{ .clusterName }}\n"),
    ]);
    let args = ["--values", "values", "--template", "t.tpl", "--name", "c.example.com"];
    let set = ["--set", "n=1000000,a.c=set", "--set-string", "s=007"];
    assert_eq!(directory.text(&[&args[..], &set[..]].concat()), "1 set [1 2] 1e+06 1000000 007 c.example.com\n");
}

#[test]
fn templates_join_with_separators() {
    let directory = Directory::new(&[
        ("a.tpl", "a: 1\n---\nb: {{ .x }}\n"),
        ("b.tpl", "{{- /* nothing */ -}}"),
        ("c.tpl", "z: 1\na: {{ include \"s\" . | indent 2 }}\n"),
        ("snippets/s", "[\n{{ .x }}\n]"),
    ]);
    let args = ["--set", "x=5", "--snippets", "snippets", "--template", "a.tpl,b.tpl", "--template", "c.tpl"];
    assert_eq!(directory.text(&args), "a: 1\n---\nb: 5\n---\nz: 1\na: [\n  5\n  ]\n");
    let formatted = directory.text(&[&args[..], &["--format-yaml"]].concat());
    assert_eq!(formatted, "a: 1\n---\nb: 5\n---\na:\n- 5\nz: 1\n");
}

#[test]
fn single_values_and_missing_keys() {
    // `n` means false, also as a key.
    let directory = Directory::new(&[
        ("v.yaml", "a: {b: [1, null]}\nlarge: 20971520\nn: 1\n"),
        ("t.tpl", "{{ .nope }}{{ .nope.x }}"),
    ]);
    assert_eq!(directory.text(&["--values", "v.yaml", "--config-value", "a"]), "map[b:[1 <nil>]]\n");
    assert_eq!(directory.text(&["--values", "v.yaml", "--config-value", "large"]), "2.097152e+07\n");
    assert_eq!(directory.text(&["--values", "v.yaml", "--config-value", "n"]), "null\n");
    assert_eq!(directory.text(&["--values", "v.yaml", "--config-value", "false"]), "1\n");
    assert_eq!(directory.text(&["--values", "v.yaml", "--config-value", "nope"]), "null\n");
    assert_eq!(directory.text(&["--template", "t.tpl", "--fail-on-missing=false"]), "<no value><no value>");
}

#[test]
fn all_errors_of_all_files_are_reported_and_nothing_is_written() {
    let directory = Directory::new(&[
        ("v.yaml", "cluster_name: x\nsecret: hunter2\n"),
        ("a.tpl", "name: {{ .cluster_nmae }}\nn: {{ upper .secret | until }}\n"),
        ("b.tpl", "{{ .also }}\n"),
    ]);
    let error = directory.refused(&["--values", "v.yaml", "--template", "a.tpl,b.tpl", "--out", "out.yaml"]);
    for part in [
        "a.tpl:1:10: .cluster_nmae: there is no key \"cluster_nmae\"",
        "hint: did you mean cluster_name?",
        "name: {{ .cluster_nmae }}",
        "a.tpl:2:23: until takes a int, not a string",
        "b.tpl:1:4: .also: there is no key \"also\"",
    ] {
        assert!(error.contains(part), "{part:?} is not in\n{error}");
    }
    assert!(!error.contains("hunter2"), "{error}");
    assert!(!directory.path("out.yaml").exists());
}

#[test]
fn syntax_errors_have_locations() {
    let directory =
        Directory::new(&[("a.tpl", "x\n{{ if .a }}\n{{ range .b }}\n{{ end }}\n"), ("b.tpl", "{{ uper .x }}")]);
    let error = directory.refused(&["--template", "a.tpl", "--template", "b.tpl"]);
    assert!(error.contains("a.tpl:2:1: `{{ if }}` is never closed"), "{error}");
    assert!(error.contains("b.tpl:1:4: function \"uper\" is not defined"), "{error}");
    assert!(error.contains("did you mean \"upper\"?"), "{error}");
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let directory =
        Directory::new(&[("list.yaml", "- a\n"), ("broken.yaml", "a: [\n"), ("t.tpl", "x"), ("s/mainTemplate", "x")]);
    assert!(directory.refused(&["--template", "none.tpl"]).contains("none.tpl"));
    assert!(directory.refused(&["--values", "none.yaml"]).contains("none.yaml"));
    assert!(
        directory.refused(&["--values", "list.yaml"]).contains("list.yaml:1:1: values must be a mapping, not a list")
    );
    assert!(directory.refused(&["--values", "broken.yaml"]).contains("broken.yaml:"));
    assert!(directory.refused(&["--set", "a.b"]).contains("key \"b\" has no value"));
    assert!(directory.refused(&["--template", "t.tpl", "--snippets", "s"]).contains("same name as the template"));
}

#[test]
fn output_goes_to_a_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = Directory::new(&[("t.tpl", "{{ .a }}\n"), ("out.yaml", "something longer than the output\n")]);
    let mode = |name: &str| std::fs::metadata(directory.path(name)).unwrap().permissions().mode() & 0o777;
    let before = mode("out.yaml");
    for name in ["out.yaml", "new.yaml"] {
        assert_eq!(directory.text(&["--template", "t.tpl", "--set", "a=1", "--output", name]), "");
        assert_eq!(std::fs::read_to_string(directory.path(name)).unwrap(), "1\n");
    }
    assert_eq!(mode("out.yaml"), before, "an existing file keeps its mode");
    assert_eq!(mode("new.yaml") & 0o007, 0);
    assert_eq!(std::fs::read_dir(directory.path("")).unwrap().count(), 3);
}

#[test]
fn channels_are_built_in_or_read_when_they_are_asked() {
    let directory = Directory::new(&[
        ("plain.tpl", "{{ upper \"a\" }}\n"),
        ("image.tpl", "{{ ChannelRecommendedImage \"aws\" \"1.34.1\" \"amd64\" }}\n"),
        (
            "version.tpl",
            "{{ ChannelRecommendedKubernetesUpgradeVersion \"1.32.0\" }} {{ ChannelRecommendedKopsKubernetesVersion }}\n",
        ),
        ("channel.yaml", "spec:\n  images:\n  - {name: mine, providerID: aws, kubernetesVersion: '>=1.30.0'}\n"),
    ]);
    assert_eq!(directory.text(&["--template", "version.tpl"]), "1.32.13 1.35.5\n");
    assert!(directory.text(&["--template", "image.tpl"]).contains("noble-24.04-amd64"));
    assert_eq!(directory.text(&["--template", "image.tpl", "--channel", "./channel.yaml"]), "mine\n");
    let url = format!("file://{}", directory.path("channel.yaml").display());
    assert_eq!(directory.text(&["--template", "image.tpl", "--channel", &url]), "mine\n");
    // A channel that can't be read is no matter until a template asks for it.
    assert_eq!(directory.text(&["--template", "plain.tpl", "--channel", "./none.yaml"]), "A\n");
    assert!(directory.refused(&["--template", "image.tpl", "--channel", "./none.yaml"]).contains("./none.yaml"));
    assert!(directory.refused(&["--template", "image.tpl", "--channel", "none"]).contains("no amd64 image"));
}

/// System calls that reach a network are counted by strace, where it is installed; without a network at all, the same
/// output shows that none is needed.
#[test]
fn rendering_opens_no_socket() {
    let directory =
        Directory::new(&[("t.tpl", "{{ range until 3 }}{{ . }}{{ end }}{{ sha256sum \"a\" | trunc 4 }}\n")]);
    let inner = directory.command(&["--template", "t.tpl"]);
    let output = if crate::support::tool("strace").is_some() {
        let log = directory.path("calls");
        let mut traced = std::process::Command::new("strace");
        traced
            .args(["-f", "-e", "trace=socket,connect,bind", "-o"])
            .arg(&log)
            .arg(inner.get_program())
            .args(inner.get_args());
        let output = succeed(traced.current_dir(directory.path("")));
        let calls = std::fs::read_to_string(&log).unwrap();
        assert!(!calls.contains("socket("), "{calls}");
        output
    } else {
        let mut alone = std::process::Command::new("unshare");
        alone.args(["-rn"]).arg(inner.get_program()).args(inner.get_args()).current_dir(directory.path(""));
        if crate::support::tool("unshare").is_none() {
            return crate::support::skip("neither strace nor unshare is installed");
        }
        succeed(&mut alone)
    };
    assert_eq!(stdout(&output), "012ca97\n");
}

/// A template of the workflow's shape with its three sets of outputs.
#[test]
fn one_template_renders_for_every_set_of_values() {
    let golden = crate::support::root().join("golden");
    let directory = Directory::new(&[]);
    for (case, groups) in [("dns", 4), ("gossip", 2), ("karpenter", 4)] {
        let values = golden.join(format!("leverage-{case}/outputs.json"));
        let template = golden.join("templates/leverage.yml");
        let args = ["--values", shown(&values), "--template", shown(&template)];
        let text = directory.text(&args);
        assert_eq!(text.matches("kind: InstanceGroup").count(), groups, "{case}");
        assert_eq!(text.contains("dnsZone:"), case == "dns", "{case}");
        let formatted = directory.text(&[&args[..], &["--format-yaml"]].concat());
        assert_eq!(formatted.matches("\n---\n").count(), groups, "{case}");
    }
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}
