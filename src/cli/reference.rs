//! The command-line reference, generated from the definitions that parse it.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};

use super::help::GROUPS;
use kopsform_env as env;

/// Every command with its flags, and every environment variable, as Markdown.
pub fn markdown() -> String {
    let mut root = super::tree();
    root.build();
    let mut text = String::from(
        "# Command line\n\nGenerated from the definitions of the program: `just update` regenerates it, and a test fails if it is out of date.\n\n\
         Differences from the flags of kops are in [kops-parity.md](kops-parity.md).\n",
    );
    text.push_str("\n## Commands\n");
    groups(&root, &mut text);
    text.push_str("\n## Global options\n\nEvery command accepts them.\n\n");
    options(&root, &mut text);
    for command in visible(&root) {
        section(command, &mut text);
    }
    text.push_str("\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in kopsform_diagnostics::exit::MEANINGS {
        let _ = writeln!(text, "| {} | {meaning} |", *code as u8);
    }
    text.push_str("\n## Environment variables\n\n| variable | description |\n|---|---|\n");
    for variable in env::ALL {
        let about = variable.about.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(text, "| `{}` | {} |", variable.name, escape(&about));
    }
    text.push_str("\nThe variables of the AWS SDK (`AWS_PROFILE`, `AWS_ENDPOINT_URL`, …) are supported too.\n");
    text
}

/// The commands of the program by topic, with links to their sections.
fn groups(root: &Command, text: &mut String) {
    for group in &GROUPS {
        let _ = writeln!(text, "\n**{}**\n", group.title);
        for name in group.commands.iter().filter(|name| **name != "help") {
            let Some(command) = root.find_subcommand(name) else { continue };
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let mut paths = Vec::new();
            sections(command, &mut paths);
            let links: Vec<_> =
                paths.iter().map(|path| format!("[`{path}`](#kopsform-{})", path.replace(' ', "-"))).collect();
            let _ = writeln!(text, "- `{name}`: {about}. {}", links.join(", "));
        }
    }
}

/// The paths of a command and of those below it that have a section, without the name of the program.
fn sections(command: &Command, paths: &mut Vec<String>) {
    if has_section(command) {
        let name = command.get_bin_name().unwrap_or(command.get_name());
        paths.push(name.trim_start_matches(super::NAME).trim().to_owned());
    }
    visible(command).for_each(|below| sections(below, paths));
}

/// Whether a command does something itself.
fn has_section(command: &Command) -> bool {
    let groups = command.is_subcommand_required_set() || command.get_subcommands().any(|c| !c.is_hide_set());
    !groups || command.get_arguments().any(is_own)
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help")
}

/// Documents a command, or the subcommands of one that only groups them.
fn section(command: &Command, text: &mut String) {
    if has_section(command) {
        let name = command.get_bin_name().unwrap_or(command.get_name());
        let _ = writeln!(text, "\n## `{name}`\n");
        let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "{}\n", sentence(&about));
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").lines().map(str::trim).collect::<Vec<_>>().join("\n");
        let _ = writeln!(text, "```\n{usage}\n```\n");
        let aliases: Vec<_> = command.get_all_aliases().map(|alias| format!("`{alias}`")).collect();
        if !aliases.is_empty() {
            let _ = writeln!(text, "Aliases: {}.\n", aliases.join(", "));
        }
        options(command, text);
        if let Some(examples) = command.get_after_long_help() {
            let examples = examples.to_string();
            let _ = writeln!(text, "\n```\n{}\n```", examples.trim_end());
        }
    }
    for below in visible(command) {
        section(below, text);
    }
}

/// Whether an argument is specific to the command and visible.
fn is_own(arg: &Arg) -> bool {
    !arg.is_global_set() && !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version")
}

fn options(command: &Command, text: &mut String) {
    let root = command.get_name() == super::NAME;
    let shown: Vec<&Arg> = command.get_arguments().filter(|a| is_own(a) || (root && !a.is_hide_set())).collect();
    if shown.is_empty() {
        return;
    }
    text.push_str("| argument | description |\n|---|---|\n");
    let mut heading = None;
    let (without, with): (Vec<_>, Vec<_>) = shown.into_iter().partition(|arg| arg.get_help_heading().is_none());
    for arg in without.into_iter().chain(with) {
        if arg.get_help_heading() != heading && !root {
            heading = arg.get_help_heading();
            let _ = writeln!(text, "| **{}** | |", heading.unwrap_or_default());
        }
        let _ = writeln!(text, "| {} | {} |", spelling(arg), meaning(arg));
    }
}

/// `-o`, `--output FORMAT`.
fn spelling(arg: &Arg) -> String {
    let takes_value = !matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::Count | ArgAction::Help);
    let names = arg.get_value_names().unwrap_or_default();
    let value = escape(&names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let optional = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
    let (short, long) = (arg.get_short(), arg.get_long());
    let Some(long) = long else {
        return match short {
            Some(short) => format!("`-{short}`"),
            None => format!("`{value}`"),
        };
    };
    let short = short.map(|short| format!("`-{short}`, ")).unwrap_or_default();
    match (takes_value, optional) {
        // A switch accepts a value only to switch it off.
        (true, true) if value == "BOOL" => format!("{short}`--{long}`"),
        (true, true) => format!("{short}`--{long}[={value}]`"),
        (true, false) => format!("{short}`--{long} {value}`"),
        (false, _) => format!("{short}`--{long}`"),
    }
}

fn meaning(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut text = escape(&help);
    let defaults: Vec<_> = arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
    if !arg.is_hide_default_value_set() && !defaults.is_empty() {
        let _ = write!(text, " [default: {}]", defaults.join(","));
    }
    let values = arg.get_possible_values();
    let values: Vec<_> = values.iter().filter(|v| !v.is_hide_set()).map(|v| v.get_name().to_owned()).collect();
    if !values.is_empty() && arg.get_action().takes_values() {
        let _ = write!(text, " [one of: {}]", values.join(", "));
    }
    let aliases: Vec<_> = arg.get_all_aliases().unwrap_or_default();
    if !aliases.is_empty() {
        let aliases: Vec<_> = aliases.iter().map(|alias| format!("`--{alias}`")).collect();
        let _ = write!(text, " (also {})", aliases.join(", "));
    }
    text
}

fn escape(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds the full stop that help summaries lack.
fn sentence(text: &str) -> String {
    let mut paragraphs: Vec<String> = text.split("\n\n").map(|p| p.trim().to_owned()).collect();
    for paragraph in &mut paragraphs {
        if !paragraph.ends_with(['.', ':', '!', '?']) {
            paragraph.push('.');
        }
    }
    paragraphs.join("\n\n")
}
