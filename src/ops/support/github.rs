//! Workflow commands of GitHub Actions, which annotate a run.

/// One annotation: `::error file=a.yaml,line=4::message`.
pub fn annotation(severity: &str, properties: &[(&str, &str)], message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    let space = if properties.is_empty() { "" } else { " " };
    format!("::{severity}{space}{}::{}\n", properties.join(","), data(message))
}

#[cfg(test)]
mod tests {
    use super::annotation;

    #[test]
    fn annotations_are_one_line_each() {
        let text = annotation("error", &[("file", "a,b:c"), ("line", "4")], "100%\nof it");
        assert_eq!(text, "::error file=a%2Cb%3Ac,line=4::100%25%0Aof it\n");
        assert_eq!(annotation("notice", &[], "a: b"), "::notice::a: b\n");
    }
}
