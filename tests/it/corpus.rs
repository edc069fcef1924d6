//! Invalid specs with the expected findings: `tests/corpus/*.txt`, and `tests/corpus/gce/*.txt` for Google Cloud.
//!
//! A case begins with `### title`. Its parts say what is different from the `base.yaml` next to the file: under `Cluster`, or `InstanceGroup` and a
//! name, are the fields of `metadata` and `spec` that replace those there; under `File` is a whole file. A
//! comment on a line says what is found there, `-- ` and the hint last:
//!
//! ```text
//! ### a network without its length
//! Cluster
//! spec:
//!   networkCIDR: 10.0.0.0 #~ bad-cidr spec.networkCIDR -- did you mean 10.0.0.0/32?
//! ```
//!
//! `warning` precedes the rule of a finding that is not an error. What is found in a line of `base.yaml`, or in one that takes
//! no comment, is listed after the part: `#~ in LINE :: rule path -- hint`; of lines that read the same, the second is followed by
//! `(2)` and so on. A case lists all there is to find. `UPDATE_GOLDEN=1`
//! writes the findings into the files, to be reviewed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use kopsform::ops::support::documents::InputFile;
use kopsform::ops::validate_spec::{self, ValidateOptions};
use kopsform_diagnostics::{Allowed, Area, Finding, Rule, Severity};
use kopsform_env::features::Features;

use crate::support::root;

const MARK: &str = "#~ ";

/// A broken spec.
struct Case {
    title: String,
    /// The lines below the title, comments with findings included.
    lines: Vec<String>,
}

fn directory() -> PathBuf {
    root().join("tests/corpus")
}

/// The directories of cases, each with a base.
fn directories() -> [PathBuf; 2] {
    [directory(), directory().join("gce")]
}

/// All files with their cases.
fn corpus() -> Vec<(PathBuf, Vec<Case>)> {
    let entries = directories().into_iter().flat_map(|directory| fs::read_dir(directory).unwrap());
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    files.sort();
    files.into_iter().map(|path| (path.clone(), cases(&fs::read_to_string(&path).unwrap()))).collect()
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("### "), cases.last_mut()) {
            (Some(title), _) => cases.push(Case { title: title.to_owned(), lines: Vec::new() }),
            (None, Some(case)) => case.lines.push(line.to_owned()),
            (None, None) => assert!(line.is_empty(), "a file of cases begins with ### and a title, not {line}"),
        }
    }
    for case in &mut cases {
        while case.lines.last().is_some_and(String::is_empty) {
            case.lines.pop();
        }
    }
    cases
}

/// A document in blocks: the lines of each field below `metadata` and `spec`, and those that stand alone.
#[derive(Default, Clone)]
struct Blocks {
    /// Head (`""`, `metadata`, `spec`) → fields with their lines.
    heads: BTreeMap<&'static str, Vec<(String, Vec<String>)>>,
}

const HEADS: [&str; 3] = ["", "metadata", "spec"];

impl Blocks {
    fn parse<'l>(lines: impl Iterator<Item = &'l str>) -> Self {
        let mut blocks = Self::default();
        let mut head = "";
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let bare = line.trim_start();
            let indent = line.len() - bare.len();
            let key = bare.split(':').next().unwrap_or_default().to_owned();
            if indent == 0 && !line.starts_with(['-', '#']) {
                head = HEADS
                    .into_iter()
                    .find(|head| *head == key && bare.split(" #").next() == Some(&format!("{key}:")))
                    .unwrap_or("");
                if head.is_empty() {
                    blocks.heads.entry("").or_default().push((key, vec![line.to_owned()]));
                }
                continue;
            }
            let fields = blocks.heads.entry(head).or_default();
            match fields.last_mut() {
                Some((_, lines)) if indent > 2 || bare.starts_with("- ") => lines.push(line.to_owned()),
                _ => fields.push((key, vec![line.to_owned()])),
            }
        }
        blocks
    }

    /// These blocks with those of a base that are not among them after them.
    fn over(mut self, base: &Blocks) -> Self {
        for head in HEADS {
            let own = self.heads.entry(head).or_default();
            for (key, lines) in base.heads.get(head).into_iter().flatten() {
                // A head that a case replaces as a whole is a field of its own.
                if !own.iter().any(|(known, _)| known == key) {
                    own.push((key.clone(), lines.clone()));
                }
            }
        }
        let replaced: Vec<String> = self.heads[""].iter().map(|(key, _)| key.clone()).collect();
        self.heads.retain(|head, _| !replaced.iter().any(|key| key == head));
        self
    }

    fn lines(&self) -> Vec<String> {
        let mut text = Vec::new();
        for head in HEADS {
            let Some(fields) = self.heads.get(head) else { continue };
            if !head.is_empty() {
                text.push(format!("{head}:"));
            }
            text.extend(fields.iter().flat_map(|(_, lines)| lines.clone()));
        }
        text
    }
}

impl Case {
    /// The whole file of the case.
    fn text(&self, base: &str) -> String {
        let mut parts: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in self.lines.iter().filter(|line| !line.starts_with(&format!("{MARK}in "))) {
            let opens = line == "Cluster" || line == "File" || line.starts_with("InstanceGroup ");
            match parts.last_mut() {
                Some((part, lines)) if !opens || *part == "File" => lines.push(line),
                _ => {
                    assert!(
                        opens,
                        "{}: a part begins with Cluster, InstanceGroup NAME or File, not {line}",
                        self.title
                    );
                    parts.push((line, Vec::new()));
                }
            }
        }
        if let [("File", lines)] = parts.as_slice() {
            return lines.join("\n") + "\n";
        }
        let mut documents: Vec<String> = Vec::new();
        for document in base.split("---\n") {
            let blocks = Blocks::parse(document.lines());
            let field = |head: &str, key: &str| {
                let lines = &blocks.heads[head].iter().find(|(known, _)| known == key).unwrap().1;
                lines[0].split(": ").nth(1).unwrap().to_owned()
            };
            let part = match field("", "kind").as_str() {
                "Cluster" => "Cluster".to_owned(),
                kind => format!("{kind} {}", field("metadata", "name")),
            };
            let own = parts.iter().find(|(name, _)| *name == part);
            let lines = match own {
                Some((_, lines)) => Blocks::parse(lines.iter().copied()).over(&blocks).lines(),
                None => document.lines().map(str::to_owned).collect(),
            };
            documents.push(lines.join("\n") + "\n");
        }
        documents.join("---\n")
    }

    /// Lines of the case without what is to be found in them.
    fn bare(&self) -> impl Iterator<Item = &str> {
        let lines = self.lines.iter().filter(|line| !line.starts_with(&format!("{MARK}in ")));
        lines.map(|line| line.split(&format!(" {MARK}")).next().unwrap_or_default())
    }

    /// What is to be found, in the form of [`formatted`].
    fn expected(&self) -> Vec<String> {
        let (mut expected, mut seen) = (Vec::new(), Seen::default());
        for line in &self.lines {
            if let Some(elsewhere) = line.strip_prefix(&format!("{MARK}in ")) {
                let (place, finding) = elsewhere.split_once(" :: ").unwrap_or_else(|| panic!("{}: {line}", self.title));
                expected.push(format!("{place} :: {finding}"));
                continue;
            }
            let mark = format!(" {MARK}");
            let mut parts = line.split(&mark);
            let place = seen.place(parts.next().unwrap_or_default());
            expected.extend(parts.map(|finding| format!("{place} :: {finding}")));
        }
        expected.sort();
        expected
    }
}

/// Distinguishes lines that read the same.
#[derive(Default)]
struct Seen(BTreeMap<String, usize>);

impl Seen {
    /// A line as cases name it.
    fn place(&mut self, line: &str) -> String {
        let line = line.trim();
        let count = self.0.entry(line.to_owned()).or_default();
        *count += 1;
        if *count > 1 { format!("{line} ({count})") } else { line.to_owned() }
    }
}

/// A finding as cases write it.
fn formatted(finding: &Finding) -> String {
    let severity = if finding.severity == Severity::Warning { "warning " } else { "" };
    let path = if finding.path.is_empty() { "-" } else { &finding.path };
    let hint = finding.hint.as_ref().map(|hint| format!(" -- {hint}")).unwrap_or_default();
    format!("{severity}{} {path}{hint}", finding.rule)
}

/// Each finding in a spec with its line, in the notation of cases.
fn findings(text: &str) -> Vec<(String, String)> {
    let files = [InputFile { name: "spec.yaml".to_owned(), content: text.to_owned() }];
    let report = validate_spec::run(
        &files,
        &ValidateOptions { features: &Features::default(), strict: false, allowed: Allowed::default(), facts: None },
    );
    let (mark, mut seen) = (format!(" {MARK}"), Seen::default());
    let lines: Vec<String> =
        text.lines().map(|line| seen.place(line.split(&mark).next().unwrap_or_default())).collect();
    let line = |finding: &Finding| {
        let place = finding.location.as_ref().unwrap_or_else(|| panic!("no place: {finding}"));
        lines.get(place.line - 1).cloned().unwrap_or_default()
    };
    for finding in &report.findings {
        assert!(finding.rule.classes().contains(&finding.class), "not a class of its rule: {finding:?}");
    }
    report.findings.iter().map(|finding| (line(finding), formatted(finding))).collect()
}

/// The base of the cases in a file.
fn base_of(file: &Path) -> String {
    fs::read_to_string(file.with_file_name("base.yaml")).unwrap()
}

/// The lines of a case with the findings of now in them.
fn rewritten(case: &Case, found: &[(String, String)]) -> Vec<String> {
    let mut left: Vec<&(String, String)> = found.iter().collect();
    let takes_comment = |line: &str| {
        let opens = line == "Cluster" || line == "File" || line.starts_with("InstanceGroup ");
        !line.trim().is_empty() && !opens && !case.title.ends_with("(as it is)")
    };
    let (mut lines, mut seen) = (Vec::<String>::new(), Seen::default());
    for bare in case.bare() {
        let (mut line, own) = (bare.to_owned(), seen.place(bare));
        if takes_comment(bare) {
            let (here, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|(place, _)| *place == own);
            left = rest;
            for (_, finding) in here {
                line.push_str(&format!(" {MARK}{finding}"));
            }
        }
        lines.push(line);
    }
    lines.extend(left.iter().map(|(place, finding)| format!("{MARK}in {place} :: {finding}")));
    lines
}

#[test]
fn the_bases_are_clean() {
    for directory in directories() {
        assert_eq!(findings(&base_of(&directory.join("base.yaml"))), [], "{}", directory.display());
    }
}

#[test]
fn every_broken_spec_is_reported_with_rule_field_line_and_hint() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (path, cases) in corpus() {
        let base = base_of(&path);
        let mut text = String::new();
        for case in &cases {
            count += 1;
            let found = findings(&case.text(&base));
            if found.is_empty() {
                wrong.push(format!("{}: {} is not broken", path.display(), case.title));
            }
            let mut actual: Vec<String> =
                found.iter().map(|(place, finding)| format!("{place} :: {finding}")).collect();
            actual.sort();
            if actual != case.expected() {
                wrong.push(format!(
                    "{}: {}\n  expected\n    {}\n  found\n    {}",
                    path.file_name().unwrap_or_default().display(),
                    case.title,
                    case.expected().join("\n    "),
                    actual.join("\n    ")
                ));
            }
            text.push_str(&format!("### {}\n{}\n\n", case.title, rewritten(case, &found).join("\n")));
        }
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, text.trim_end().to_owned() + "\n").unwrap();
        }
    }
    assert!(std::env::var_os("UPDATE_GOLDEN").is_some() || wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count >= 150, "only {count} broken specs");
}

#[test]
fn titles_are_unique() {
    let mut titles = BTreeSet::new();
    for (path, cases) in corpus() {
        for case in cases {
            assert!(titles.insert(case.title.clone()), "{}: {} stands twice", path.display(), case.title);
        }
    }
}

#[test]
fn every_rule_about_files_has_a_case() {
    // What only one document a file, changes of a stored cluster and unusual bytes bring about has tests of its own.
    // So have those that need facts.
    let elsewhere = [
        Rule::DiffersFromCloud,
        Rule::NotText,
        Rule::OtherVpc,
        Rule::SeveralDocuments,
        Rule::TooLarge,
        Rule::WrongAccount,
        Rule::YamlLimit,
    ];
    let mut found = BTreeSet::new();
    for case in corpus().into_iter().flat_map(|(_, cases)| cases) {
        for finding in case.expected() {
            let finding = finding.split(" :: ").nth(1).unwrap_or_default();
            let name = finding.trim_start_matches("warning ").split(' ').next().unwrap_or_default();
            found.insert(name.parse::<Rule>().unwrap_or_else(|error| panic!("{}: {error}", case.title)));
        }
    }
    let in_files = |rule: &&Rule| matches!(rule.area(), Area::Yaml | Area::Document | Area::Format | Area::Spec);
    let missing: Vec<_> =
        Rule::ALL.iter().filter(in_files).filter(|rule| !found.contains(rule) && !elsewhere.contains(rule)).collect();
    assert!(missing.is_empty(), "no case in tests/corpus for {missing:?}");
}
