//! Commands in the documentation exist, with these flags.

use clap::error::ErrorKind;

use crate::support::{files, root};

/// The pages with commands: what users read, without what is generated from the program.
fn pages() -> Vec<(String, String)> {
    let mut pages = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    pages.extend(files(&root().join("docs")).into_keys().map(|name| format!("docs/{name}")));
    pages.retain(|name| name.ends_with(".md"));
    assert!(pages.len() > 20, "{pages:?}");
    pages.into_iter().map(|name| (name.clone(), std::fs::read_to_string(root().join(name)).unwrap())).collect()
}

/// A command of a page, and whether it is complete, so that missing arguments are an error.
#[derive(Debug, PartialEq)]
struct Shown {
    line: usize,
    words: Vec<String>,
    is_complete: bool,
}

/// The calls of kopsform in a page: in blocks, where they are complete, and in inline code, where they may be cut.
fn shown(text: &str) -> Vec<Shown> {
    let (mut found, mut in_block, mut has_prompt, mut joined) = (Vec::new(), false, false, String::new());
    for (number, line) in text.lines().enumerate() {
        let line_number = number + 1;
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            in_block = !in_block;
            has_prompt = trimmed == "```console";
            joined.clear();
            continue;
        }
        if !in_block {
            let inline = line.split('`').skip(1).step_by(2);
            found.extend(inline.flat_map(|code| calls(code, line_number, false)));
            continue;
        }
        // What is typed: after a prompt, or, in blocks without one, a line with the program. The rest is output.
        let typed = trimmed.strip_prefix("$ ").or_else(|| trimmed.strip_prefix("run: ")).unwrap_or(trimmed);
        let names_program = typed.starts_with("kopsform ") || typed.contains("| kopsform ");
        let begins = trimmed != typed || (names_program && !has_prompt);
        if joined.is_empty() && !begins {
            continue;
        }
        match typed.strip_suffix('\\') {
            Some(part) => joined.push_str(part),
            None => {
                // Usage lines name placeholders in brackets.
                let command = std::mem::take(&mut joined) + typed;
                if !command.contains("[OPTIONS]") {
                    found.extend(calls(&command, line_number, true));
                }
            }
        }
    }
    found
}

/// The calls of kopsform in a line of a shell, without comments, redirections and the other commands.
fn calls(line: &str, number: usize, is_complete: bool) -> Vec<Shown> {
    let mut commands: Vec<Vec<String>> = vec![Vec::new()];
    let mut is_redirected = false;
    for word in shell_words(line) {
        match word.as_str() {
            "|" | "||" | "&&" | ";" | "&" => {
                commands.push(Vec::new());
                is_redirected = false;
            }
            _ if word.starts_with('#') => break,
            _ if std::mem::take(&mut is_redirected) => {}
            ">" | ">>" | "<" | "2>" => is_redirected = true,
            _ if commands.last().unwrap().is_empty() && is_assignment(&word) => {}
            _ => commands.last_mut().unwrap().push(word),
        }
    }
    commands.retain(|words| words.first().is_some_and(|word| word == "kopsform") && words.len() > 1);
    // Optional parts and what stands for other text.
    let is_cut = |word: &String| word.contains('…') || word.starts_with('[') || word.contains("VERB");
    let shown = |mut words: Vec<String>| {
        let complete = is_complete && !words.iter().any(is_cut);
        words.retain(|word| !is_cut(word));
        Shown { line: number, words, is_complete: complete }
    };
    commands.into_iter().map(shown).collect()
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

/// Words as a shell splits them; operators are words of their own.
fn shell_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut is_word) = (Vec::new(), String::new(), None, false);
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.push(c),
            (None, '\'' | '"') => (quote, is_word) = (Some(c), true),
            (None, ' ') | (None, '|' | ';' | '&' | '>' | '<') => {
                if is_word && !(c == '>' && word == "2") {
                    words.push(std::mem::take(&mut word));
                }
                is_word = false;
                if c != ' ' {
                    word.push(c);
                    while characters.peek() == Some(&c) {
                        word.extend(characters.next());
                    }
                    words.push(std::mem::take(&mut word));
                }
            }
            (None, _) => {
                word.push(c);
                is_word = true;
            }
        }
    }
    if is_word {
        words.push(word);
    }
    words
}

#[test]
fn commands_in_the_documentation_parse() {
    let program = kopsform::cli::command();
    let (mut wrong, mut complete, mut inline) = (Vec::new(), 0, 0);
    for (page, text) in pages() {
        for call in shown(&text) {
            *(if call.is_complete { &mut complete } else { &mut inline }) += 1;
            let Err(error) = program.clone().try_get_matches_from(&call.words) else { continue };
            let is_allowed = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
                ErrorKind::MissingRequiredArgument
                | ErrorKind::MissingSubcommand
                | ErrorKind::InvalidValue
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => !call.is_complete,
                _ => false,
            };
            if !is_allowed {
                let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
                wrong.push(format!("{page}:{}: {}: {reason}", call.line, call.words.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        complete > 100 && inline > 100,
        "only {complete} complete calls and {inline} others: has the form changed?"
    );
}

#[test]
fn commands_are_found_in_blocks_and_in_prose() {
    let text = "See `kopsform get all -o yaml`, `kopsform`.\n\n```console\n$ A=b terraform show | kopsform check plan - > x && kopsform lock\n\
                kopsform 0.2.0\n```\n\n```\nkopsform replace \\\n  -f 'a b.yaml' # comment\noutput kopsform lock\n```\n";
    let words: Vec<_> = shown(text).into_iter().map(|call| call.words.join(",")).collect();
    let expected =
        ["kopsform,get,all,-o,yaml", "kopsform,check,plan,-", "kopsform,lock", "kopsform,replace,-f,a b.yaml"];
    assert_eq!(words, expected);
}
