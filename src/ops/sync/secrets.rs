//! Removes sensitive outputs from messages.

use serde_json::Value as Json;

use kopsform_diagnostics::Report;

/// Shown instead of a secret.
const PLACEHOLDER: &str = "(sensitive)";

/// Shorter values are only replaced as whole words, because they are likely to occur within longer ones.
const SHORT: usize = 4;

/// The values of Terraform's sensitive outputs, in the forms that messages contain.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Longest first, so that replacing a part of one does not leave the rest.
    forms: Vec<String>,
}

/// Prints only the number of secrets.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.forms.len())
    }
}

impl Secrets {
    /// The secrets among outputs in the form of `terraform output -json`.
    pub fn of_outputs(outputs: &serde_json::Map<String, Json>) -> Self {
        let mut forms = Vec::new();
        for output in outputs.values() {
            if output.get("sensitive") == Some(&Json::Bool(true)) {
                output.get("value").into_iter().for_each(|value| collect(value, &mut forms));
            }
        }
        let mut secrets = Self::default();
        secrets.add(forms);
        secrets
    }

    /// Adds further forms, such as those that templates made of them.
    pub fn add(&mut self, forms: impl IntoIterator<Item = String>) {
        self.forms.extend(forms);
        self.forms.sort_by(|a: &String, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.forms.dedup();
    }

    /// A message without the secrets.
    pub fn clean(&self, text: &str) -> String {
        self.forms.iter().fold(text.to_owned(), |text, secret| replace(&text, secret))
    }

    /// Removes the secrets from findings; locations are kept.
    pub fn clean_report(&self, report: &mut Report) {
        if self.forms.is_empty() {
            return;
        }
        for finding in &mut report.findings {
            finding.message = self.clean(&finding.message);
            finding.path = self.clean(&finding.path);
            finding.object = self.clean(&finding.object);
            finding.hint = finding.hint.as_deref().map(|hint| self.clean(hint));
            // A secret can be cut in two where a long line is: what is left of it would not be recognized.
            finding.excerpt = finding.excerpt.take().filter(|excerpt| !excerpt.is_cut()).map(|excerpt| {
                let text = self.clean(excerpt.text());
                excerpt.with_text(text)
            });
        }
    }
}

/// Every string and number of a value, in the forms that messages contain.
fn collect(value: &Json, forms: &mut Vec<String>) {
    match value {
        Json::Null | Json::Bool(_) => {}
        Json::Number(number) => {
            forms.push(number.to_string());
            forms.extend(number.as_f64().map(|float| float.to_string()));
        }
        Json::String(text) => {
            let mut add = |text: &str| {
                if !text.is_empty() {
                    forms.push(text.to_owned());
                }
            };
            add(text);
            add(text.trim());
            let quoted = format!("{text:?}");
            add(&quoted[1..quoted.len() - 1]);
            let json = Json::String(text.clone()).to_string();
            add(&json[1..json.len() - 1]);
            // A message about a multi-line string may show one of its lines.
            text.lines().map(str::trim).filter(|line| line.len() >= SHORT).for_each(add);
        }
        Json::Array(items) => items.iter().for_each(|item| collect(item, forms)),
        Json::Object(entries) => entries.values().for_each(|value| collect(value, forms)),
    }
}

fn replace(text: &str, secret: &str) -> String {
    if secret.chars().count() >= SHORT {
        return text.replace(secret, PLACEHOLDER);
    }
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, _) in text.match_indices(secret) {
        let end = at + secret.len();
        if at < rest || is_word(text[..at].chars().next_back()) || is_word(text[end..].chars().next()) {
            continue;
        }
        cleaned.push_str(&text[rest..at]);
        cleaned.push_str(PLACEHOLDER);
        rest = end;
    }
    cleaned.push_str(&text[rest..]);
    cleaned
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secrets(value: Json) -> Secrets {
        let outputs = json!({
            "secret": {"sensitive": true, "type": "x", "value": value},
            "plain": {"sensitive": false, "value": "public"},
            "odd": "not an output",
        });
        outputs.as_object().map(Secrets::of_outputs).unwrap_or_default()
    }

    #[test]
    fn sensitive_values_are_taken_out_however_they_are_written() {
        let secrets =
            secrets(json!({"password": "hunter2", "keys": ["a \"quoted\" one", "line one\nline two"], "n": 20971520}));
        for text in [
            "bad value \"hunter2\"",
            "bad value \"a \\\"quoted\\\" one\"",
            "found line two: no",
            "\"line one\\nline two\"",
            "number 20971520",
            "prefixhunter2suffix",
        ] {
            let cleaned = secrets.clean(text);
            assert!(cleaned.contains(PLACEHOLDER), "{text} → {cleaned}");
            for secret in ["hunter2", "quoted", "line", "20971520"] {
                assert!(!cleaned.contains(secret), "{text} → {cleaned}");
            }
        }
        assert_eq!(secrets.clean("public hunter"), "public hunter");
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }

    #[test]
    fn short_values_are_words() {
        let secrets = secrets(json!("ab"));
        assert_eq!(secrets.clean("ab cab \"ab\" ab_c"), "(sensitive) cab \"(sensitive)\" ab_c");
        assert_eq!(Secrets::default().clean("x"), "x");
    }
}
