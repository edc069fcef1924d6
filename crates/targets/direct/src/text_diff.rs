//! How two versions of a document differ, line by line.

use similar::{ChangeTag, TextDiff};

/// Unchanged lines that are shown around a change.
const CONTEXT: usize = 3;

/// The changed lines, each after `+` or `-`, with some of those around them; `…` stands for the rest.
pub fn lines(from: &str, to: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(from, to);
    let mut out = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        out.push("…".to_owned());
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            out.push(format!("{sign} {}", change.value().trim_end_matches(['\n', '\r'])));
        }
    }
    if !out.is_empty() {
        out.push("…".to_owned());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown_with_some_context() {
        let from: String = (0..20).map(|n| format!("{n}\n")).collect();
        let to = from.replace("10\n", "ten\n");
        assert_eq!(lines(&from, &to), ["…", "  7", "  8", "  9", "- 10", "+ ten", "  11", "  12", "  13", "…"]);
        assert!(lines(&from, &from).is_empty());
    }
}
