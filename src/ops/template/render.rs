//! Renders templates with values and snippets to one output.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use super::TemplateError;
use super::channel_functions::{ChannelSource, functions};
use super::files::{expand, read};
use kopsform_diagnostics::{Finding, Report, Rule};
use kopsform_env::Environment;
use kopsform_template::{EvalContext, Functions, MissingKey, Origins, Template, Value};

/// What kops calls the template itself; no snippet may have this name.
const MAIN: &str = "mainTemplate";
/// What separates documents.
const SEPARATOR: &str = "---\n";

/// Templates and how to render them.
pub struct RenderOptions {
    /// Files and directories of templates, in this order.
    pub templates: Vec<String>,
    /// Files and directories of snippets, which templates call by their file's name.
    pub snippets: Vec<String>,
    /// Whether a key that the values lack is an error; otherwise it prints as `<no value>`.
    pub fail_on_missing: bool,
    /// Whether each document is parsed and written again, with sorted keys.
    pub format_yaml: bool,
    /// Where the channel is, for templates that ask for it.
    pub channel: ChannelSource,
    /// What templates can learn besides the values.
    pub eval_context: EvalContext,
}

/// The output of templates, and which part of a template each part of it comes from.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The documents, separated by `---` lines.
    pub text: String,
    /// Where each part of the text comes from; nothing for documents that were formatted.
    pub origins: Origins,
}

impl Rendered {
    fn add(&mut self, pieces: &mut usize, text: &str, origins: Origins) {
        if *pieces > 0 {
            self.text.push_str(SEPARATOR);
        }
        *pieces += 1;
        self.origins.append(self.text.len(), origins);
        self.text.push_str(text);
    }

    /// Points findings about this text, which they call `name`, to the templates. What a loop of a template repeats is
    /// reported once.
    pub fn trace(&self, name: &str, report: &mut Report) {
        let after_breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
        let lines: Vec<usize> = std::iter::once(0).chain(after_breaks).collect();
        for finding in &mut report.findings {
            let Some(location) = finding.location.as_ref().filter(|location| location.file == name) else { continue };
            let Some(start) = location.line.checked_sub(1).and_then(|line| lines.get(line)).copied() else { continue };
            let before = self.text[start..].chars().take(location.column.saturating_sub(1));
            let byte = start + before.map(char::len_utf8).sum::<usize>();
            if let Some(origin) = self.origins.of(byte) {
                finding.location = Some(origin.location);
                finding.excerpt = origin.excerpt;
            }
        }
        let mut seen = HashSet::new();
        report
            .findings
            .retain(|f| seen.insert((f.location.clone(), f.path.clone(), f.message.clone(), f.hint.clone())));
    }
}

/// A template or snippet that was read.
#[derive(Debug, Clone)]
pub struct Text {
    /// The file.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
}

/// Templates that were read, with all they need besides the values.
pub struct Templates {
    templates: Vec<Text>,
    /// Snippets by the names they are called by.
    snippets: Vec<(String, Text)>,
    functions: Functions,
    missing_key: MissingKey,
    format_yaml: bool,
    eval_context: EvalContext,
}

/// Reads templates and snippets, and the channel if one of them asks for it.
///
/// # Errors
/// When a file cannot be read, or a snippet has the name of the template itself.
pub async fn load_templates(options: RenderOptions, environment: &Environment) -> Result<Templates, TemplateError> {
    let templates = read_all(&options.templates, "template", environment)?;
    let snippets = named(read_all(&options.snippets, "snippet", environment)?)?;
    let all = templates.iter().chain(snippets.iter().map(|(_, snippet)| snippet)).map(|text| text.text.as_str());
    let functions = functions(options.channel.load(all, environment).await);
    Ok(Templates {
        functions,
        templates,
        snippets,
        missing_key: if options.fail_on_missing { MissingKey::Error } else { MissingKey::Default },
        format_yaml: options.format_yaml,
        eval_context: options.eval_context,
    })
}

impl Templates {
    /// Renders all templates, in their order.
    ///
    /// # Errors
    /// All errors of all templates.
    pub fn render(&self, values: &Value) -> Result<Rendered, TemplateError> {
        let mut report = Report::default();
        let mut rendered = Rendered::default();
        let mut pieces = 0;
        for Text { path, text } in &self.templates {
            let file = path.display().to_string();
            // A template is run whatever is wrong with others: all errors are reported at once.
            let Some(template) = self.parse(&file, text, &mut report) else { continue };
            match template.render_traced(values, &self.eval_context) {
                Ok((text, _)) if text.is_empty() => {}
                Ok((text, origins)) if self.format_yaml => match formatted(&file, &Rendered { text, origins }) {
                    Ok(documents) => {
                        documents.iter().for_each(|text| rendered.add(&mut pieces, text, Origins::default()));
                    }
                    Err(errors) => report.extend(errors),
                },
                Ok((text, origins)) => rendered.add(&mut pieces, &text, origins),
                Err(errors) => report.extend(errors),
            }
        }
        if report.has_errors() {
            report.sort();
            report.findings.dedup();
            return Err(report.into());
        }
        Ok(rendered)
    }

    /// A template with all snippets; nothing where there are errors, which go to the report.
    fn parse(&self, file: &str, text: &str, report: &mut Report) -> Option<Template> {
        let functions = || self.functions.clone();
        let parsed = Template::parse_with(file, text, functions());
        let mut template = parsed.map(|template| template.missing_key(self.missing_key)).map_err(|e| report.extend(e));
        let mut complete = true;
        for (name, Text { path, text }) in &self.snippets {
            let file = path.display().to_string();
            // Without a template to add them to, snippets are still checked.
            let added = match &mut template {
                Ok(template) => template.add(name, &file, text),
                Err(()) => Template::parse_with(&file, text, functions()).map(|_| ()),
            };
            if let Err(errors) = added {
                report.extend(errors);
                complete = false;
            }
        }
        template.ok().filter(|_| complete)
    }
}

fn read_all(paths: &[String], what: &'static str, environment: &Environment) -> Result<Vec<Text>, TemplateError> {
    let files = expand(paths, what, environment)?;
    files.into_iter().map(|path| Ok(Text { text: read(&path, what)?, path })).collect()
}

/// Snippets by the names of their files, in their order; of two of one name, the later one counts.
fn named(snippets: Vec<Text>) -> Result<Vec<(String, Text)>, TemplateError> {
    let mut named = BTreeMap::new();
    for snippet in snippets {
        let name = snippet.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name == MAIN {
            return Err(TemplateError::SnippetName(name));
        }
        named.insert(name, snippet);
    }
    Ok(named.into_iter().collect())
}

/// Parses every document and writes it again with sorted keys; empty ones are left out.
fn formatted(file: &str, rendered: &Rendered) -> Result<Vec<String>, Report> {
    let mut documents = Vec::new();
    let mut report = Report::default();
    let mut line = 0;
    for piece in rendered.text.split(SEPARATOR) {
        let parsed = kopsform_yaml::parse(file, piece);
        let mut errors = parsed.report;
        errors.findings.retain(|finding| finding.rule != Rule::DuplicateKey);
        if errors.is_empty()
            && let Some(document) = parsed.documents.first()
        {
            match document.root.to_json() {
                serde_json::Value::Object(map) if map.is_empty() => {}
                serde_json::Value::Object(map) => {
                    documents.push(kopsform_yaml::to_string(&serde_json::Value::Object(map)));
                }
                _ => {
                    let message = format!("each document must be a mapping, not {}", document.root.describe());
                    let place = parsed.source.place(document.root.position);
                    errors.push(Finding::error(Rule::NoMapping, "", message).at(place));
                }
            }
        }
        errors.findings.iter_mut().filter_map(|finding| finding.location.as_mut()).for_each(|l| l.line += line);
        report.extend(errors);
        line += piece.matches('\n').count() + 1;
    }
    rendered.trace(file, &mut report);
    if report.has_errors() { Err(report) } else { Ok(documents) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const IMAGE: &str = "{{ ChannelRecommendedImage \"aws\" \"1.34.1\" \"amd64\" }}";

    async fn rendered(template: &str, channel: &str) -> Result<String, TemplateError> {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).display().to_string();
        std::fs::write(path("t.tpl"), template).unwrap();
        let file = "spec:\n  images:\n  - {name: mine, providerID: aws, kubernetesVersion: '>=1.30.0'}\n";
        std::fs::write(path("channel.yaml"), file).unwrap();
        let options = RenderOptions {
            templates: vec![path("t.tpl")],
            snippets: Vec::new(),
            fail_on_missing: true,
            format_yaml: false,
            channel: ChannelSource { location: channel.replace("DIR", &path("")), offline: true },
            eval_context: EvalContext::default(),
        };
        let templates = load_templates(options, &Environment::default()).await?;
        Ok(templates.render(&Value::empty_map())?.text)
    }

    /// A function that waited for the channel would panic on the one thread of this runtime. The store of `file://` is
    /// asynchronous.
    #[tokio::test(flavor = "current_thread")]
    async fn channels_are_read_on_any_runtime() {
        for channel in ["DIRchannel.yaml", "file://DIRchannel.yaml"] {
            assert_eq!(rendered(IMAGE, channel).await.unwrap(), "mine", "{channel}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_channel_matters_only_where_it_is_asked() {
        assert_eq!(rendered("a", "./none.yaml").await.unwrap(), "a");
        assert_eq!(rendered(&format!("{{{{ if false }}}}{IMAGE}{{{{ end }}}}"), "./none.yaml").await.unwrap(), "");
        assert!(rendered(IMAGE, "./none.yaml").await.unwrap_err().to_string().contains("./none.yaml"));
    }
}
