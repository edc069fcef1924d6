//! Formats the results of a check.

use std::fmt::Write as _;
use std::path::Path;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

use super::{CaseReport, Outcome};
use kopsform_compare::{Finding, Severity, lines};
use kopsform_diagnostics::{Explain as _, with_causes};

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A line for each difference.
    Text,
    /// A JSON object.
    Json,
    /// JUnit XML, with a test case for each golden case.
    Junit,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// The results of all cases in a format.
pub fn render(reports: &[CaseReport], format: Format) -> String {
    match format {
        Format::Text => reports.iter().map(text).collect(),
        Format::Json => {
            let mut text = serde_json::to_string_pretty(&json(reports)).unwrap_or_default();
            text.push('\n');
            text
        }
        Format::Junit => junit(reports),
        Format::Github => reports.iter().map(github).collect(),
    }
}

/// `5 cases: 3 as expected, 1 with another meaning, 1 with other bytes only`.
pub fn summary(reports: &[CaseReport]) -> String {
    let number = |wanted: Status| reports.iter().filter(|report| report.status() == wanted).count();
    let cases = if reports.len() == 1 { "1 case".to_owned() } else { format!("{} cases", reports.len()) };
    let mut parts = vec![format!("{} as expected", number(Status::Expected))];
    for (status, what) in [
        (Status::Meaning, "with another meaning"),
        (Status::Bytes, "with other bytes only"),
        (Status::Failed, "failed"),
    ] {
        match number(status) {
            0 => {}
            count => parts.push(format!("{count} {what}")),
        }
    }
    format!("{cases}: {}", parts.join(", "))
}

/// The worst of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Expected,
    Bytes,
    Meaning,
    Failed,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Bytes => "bytes",
            Self::Meaning => "meaning",
            Self::Failed => "failed",
        }
    }
}

impl CaseReport {
    /// The worst of the case.
    pub fn status(&self) -> Status {
        match &self.outcome {
            Outcome::Compared(_) if self.count(Severity::Meaning) > 0 => Status::Meaning,
            Outcome::Compared(findings) if findings.is_empty() => Status::Expected,
            Outcome::Compared(_) => Status::Bytes,
            Outcome::NoOutput | Outcome::Failed(_) => Status::Failed,
        }
    }

    /// What failed, with hints.
    fn error(&self) -> Option<(String, Vec<String>)> {
        match &self.outcome {
            Outcome::Compared(_) => None,
            Outcome::NoOutput => Some((
                format!("{} does not exist", self.out.display()),
                vec!["`kopsform golden update` writes it".to_owned()],
            )),
            Outcome::Failed(error) => Some((with_causes(error), error.hints())),
        }
    }

    fn findings(&self) -> &[Finding] {
        match &self.outcome {
            Outcome::Compared(findings) => findings,
            _ => &[],
        }
    }
}

/// The findings as lines: `policy of role masters: …`, and `bytes only: …`.
pub fn finding_lines(findings: &[Finding]) -> impl Iterator<Item = String> {
    lines(findings).into_iter().map(|line| {
        let bytes = line.findings.iter().all(|finding| finding.severity == Severity::Bytes);
        if bytes { format!("bytes only: {}", line.text) } else { line.text }
    })
}

fn text(report: &CaseReport) -> String {
    let mut text = String::new();
    for line in finding_lines(report.findings()) {
        let _ = writeln!(text, "{}: {line}", report.name);
    }
    if let Some((message, hints)) = report.error() {
        let _ = writeln!(text, "{}: error: {message}", report.name);
        for hint in hints {
            let _ = writeln!(text, "  hint: {hint}");
        }
    }
    text
}

fn json(reports: &[CaseReport]) -> Value {
    let cases = reports.iter().map(|report| {
        let mut case = json!({
            "name": report.name,
            "out": report.out,
            "status": report.status().name(),
            "findings": report.findings(),
        });
        if let Some((message, hints)) = report.error() {
            case["error"] = json!({ "message": message, "hints": hints });
        }
        case
    });
    let number = |wanted: Status| reports.iter().filter(|report| report.status() == wanted).count();
    json!({
        "cases": cases.collect::<Vec<_>>(),
        "summary": {
            "expected": number(Status::Expected),
            "bytes": number(Status::Bytes),
            "meaning": number(Status::Meaning),
            "failed": number(Status::Failed),
        },
    })
}

fn junit(reports: &[CaseReport]) -> String {
    let mut suite = TestSuite::new("golden");
    for report in reports {
        let lines: Vec<String> = finding_lines(report.findings()).collect();
        let status = match (report.status(), report.error()) {
            (Status::Expected, _) => TestCaseStatus::success(),
            (_, Some((message, hints))) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                let hints = hints.iter().map(|hint| format!("\nhint: {hint}")).collect::<String>();
                status
                    .set_type("error")
                    .set_message(message.replace('\n', " "))
                    .set_description(format!("{message}{hints}"));
                status
            }
            (status, None) => {
                let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
                let first = lines.first().cloned().unwrap_or_default();
                let message = if lines.len() > 1 { format!("{first} (and {} more)", lines.len() - 1) } else { first };
                failure.set_type(status.name()).set_message(message).set_description(lines.join("\n"));
                failure
            }
        };
        let mut case = TestCase::new(report.name.as_str(), status);
        case.set_classname("golden");
        suite.add_test_case(case);
    }
    let mut junit = quick_junit::Report::new("golden check");
    junit.add_test_suite(suite);
    junit.to_string().unwrap_or_default()
}

fn github(report: &CaseReport) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let title = property(&format!("golden {}", report.name));
    let file = |path: &Path| property(&path.display().to_string());
    let mut text = String::new();
    for line in lines(report.findings()) {
        let Some(first) = line.findings.first() else { continue };
        let command = match first.severity {
            Severity::Meaning => "error",
            Severity::Bytes => "warning",
        };
        let place = file(&report.out.join(&first.file));
        let _ = writeln!(text, "::{command} file={place},title={title}::{}", data(&line.text));
    }
    if let Some((message, _)) = report.error() {
        let _ = writeln!(text, "::error file={},title={title}::{}", file(&report.out), data(&message));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use kopsform_compare::{Files, compare};

    fn reports() -> Vec<CaseReport> {
        let files = |text: &str| Files::from([("data/kops-version.txt".to_owned(), text.as_bytes().to_vec())]);
        let report =
            |name: &str, outcome: Outcome| CaseReport { name: name.to_owned(), out: PathBuf::from("out"), outcome };
        vec![
            report("same", Outcome::Compared(Vec::new())),
            report("other", Outcome::Compared(compare(&files("1\n"), &files("2, 3%\n")))),
            report("drift", Outcome::Compared(compare(&files("1\n"), &files("1")))),
            report("new", Outcome::NoOutput),
        ]
    }

    #[test]
    fn every_difference_is_a_line_with_its_case() {
        let text = render(&reports(), Format::Text);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "other: file data/kops-version.txt: line 1 1 → 2, 3%");
        assert!(lines[1].starts_with("drift: bytes only: file data/kops-version.txt: "), "{text}");
        assert_eq!(lines[2], "new: error: out does not exist");
        let expected = "4 cases: 1 as expected, 1 with another meaning, 1 with other bytes only, 1 failed";
        assert_eq!(summary(&reports()), expected);
    }

    #[test]
    fn other_formats_hold_the_same() {
        let json: Value = serde_json::from_str(&render(&reports(), Format::Json)).unwrap_or_default();
        assert_eq!(json["cases"][1]["findings"][0]["severity"], "meaning");
        assert_eq!(json["cases"][3]["status"], "failed");
        assert_eq!(json["summary"], json!({"expected": 1, "bytes": 1, "meaning": 1, "failed": 1}));
        let github = render(&reports(), Format::Github);
        assert!(github.contains("::error file=out/data/kops-version.txt,title=golden other::"), "{github}");
        assert!(github.contains("2, 3%25") && github.contains("::warning file="), "{github}");
        let junit = render(&reports(), Format::Junit);
        assert!(junit.contains("failures=\"2\"") && junit.contains("errors=\"1\""), "{junit}");
    }
}
