//! Every command and flag of kops parses here.

#![allow(clippy::unwrap_used)]

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Command};

const TABLE: &str = include_str!("kops_commands.txt");

/// A command of kops.
#[derive(Debug)]
struct KopsCommand {
    path: Vec<&'static str>,
    aliases: Vec<&'static str>,
    /// What every call needs.
    needs: Vec<&'static str>,
    flags: Vec<KopsFlag>,
}

/// A flag of kops.
#[derive(Debug)]
struct KopsFlag {
    name: &'static str,
    short: Option<&'static str>,
    kind: &'static str,
    default: Option<&'static str>,
    differs: bool,
}

impl KopsFlag {
    /// A value other than the default.
    fn value(&self) -> &'static str {
        match (self.kind, self.name) {
            ("bool", _) => "false",
            ("int", "--v") => "2",
            ("int", _) => "3",
            ("duration" | "optional", _) => "1h30m",
            (_, "--output") => "json",
            (_, "--role" | "--roles" | "--instance-group-role" | "--instance-group-roles") => "node",
            ("strings", _) => "a=b,c",
            _ => "a=b",
        }
    }
}

fn table() -> Vec<KopsCommand> {
    let mut commands: Vec<KopsCommand> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if let Some(flag) = line.strip_prefix("  ") {
            let mut cells: Vec<_> = flag.split_whitespace().collect();
            let short = cells[1].starts_with('-').then(|| cells.remove(1));
            let default = Some(cells[2]).filter(|default| *default != "-");
            let differs = cells.contains(&"differs");
            let flag = KopsFlag { name: cells[0], short, kind: cells[1], default, differs };
            commands.last_mut().unwrap().flags.push(flag);
            continue;
        }
        let (command, needs) = line.split_once(':').unwrap_or((line, ""));
        let (mut path, mut aliases) = (Vec::new(), Vec::new());
        for word in command.split_whitespace().filter(|word| *word != "hidden") {
            match word.strip_prefix("alias=") {
                Some(alias) => aliases.push(alias),
                None => path.push(word),
            }
        }
        if path == ["kops"] {
            path = vec!["get", "clusters"];
        }
        commands.push(KopsCommand { path, aliases, needs: needs.split_whitespace().collect(), flags: Vec::new() });
    }
    commands
}

fn built() -> Command {
    let mut command = super::command();
    command.build();
    command
}

fn parse(built: &mut Command, words: &[&str]) -> Result<ArgMatches, String> {
    let words = std::iter::once("kopsform").chain(words.iter().copied()).map(OsString::from).collect();
    super::parse(built, words).map_err(|error| error.to_string())
}

/// The command that was called, and what its arguments are.
fn leaf<'a>(built: &'a Command, matches: &'a ArgMatches) -> (&'a Command, &'a ArgMatches) {
    let (mut command, mut matches) = (built, matches);
    while let Some((name, below)) = matches.subcommand() {
        command = command.find_subcommand(name).unwrap();
        matches = below;
    }
    (command, matches)
}

fn named<'a>(command: &'a Command, flag: &KopsFlag) -> Option<&'a Arg> {
    let name = flag.name.trim_start_matches('-');
    command.get_arguments().find(|arg| {
        let aliases = arg.get_all_aliases().unwrap_or_default();
        arg.get_long() == Some(name) || aliases.contains(&name)
    })
}

/// Whether a command only says what to use instead.
fn is_unsupported(command: &Command) -> bool {
    command.get_arguments().any(clap::Arg::is_trailing_var_arg_set)
}

/// The value of a flag as it was given.
fn given(command: &Command, matches: &ArgMatches, flag: &KopsFlag) -> Option<String> {
    let arg = named(command, flag)?;
    let values: Vec<_> = matches.get_raw(arg.get_id().as_str())?.map(|value| value.to_str().unwrap()).collect();
    Some(values.join(","))
}

#[test]
fn every_flag_of_kops_is_accepted() {
    let mut built = built();
    let mut wrong = Vec::new();
    let mut flags = 0;
    for command in table() {
        for flag in &command.flags {
            flags += 1;
            let value = flag.value();
            let mut forms = vec![vec![format!("{}={value}", flag.name)]];
            match flag.kind {
                "bool" => {
                    forms.extend(flag.short.map(|short| vec![format!("{short}={value}")]));
                    forms.push(vec![flag.name.to_owned(), format!("{}={value}", flag.name)]);
                }
                "optional" => forms.push(vec![flag.name.to_owned(), format!("{}={value}", flag.name)]),
                _ => {
                    forms.push(vec![flag.name.to_owned(), value.to_owned()]);
                    forms.extend(flag.short.map(|short| vec![short.to_owned(), value.to_owned()]));
                    forms.extend(flag.short.map(|short| vec![format!("{short}{value}")]));
                }
            }
            if !matches!(flag.kind, "strings" | "array") {
                // The last one counts.
                forms.push(vec![format!("{}={}", flag.name, flag.default.unwrap_or(value)), forms[0][0].clone()]);
            }
            let needs: Vec<&str> = match flag.short.or(Some(flag.name)) {
                // The flag under test is the one that is needed.
                Some(short) if command.needs.contains(&short) || flag.name == "--pubkey" => command
                    .needs
                    .iter()
                    .copied()
                    .filter(|word| !word.starts_with('-') && *word != "FILE" && *word != "DIR")
                    .collect(),
                _ => command.needs.clone(),
            };
            for form in forms {
                let form: Vec<&str> = form.iter().map(String::as_str).collect();
                for words in [
                    [&command.path[..], &needs[..], &form[..]].concat(),
                    [&command.path[..], &form[..], &needs[..]].concat(),
                    // In kops, only flags with a value may precede the subcommand.
                    [
                        &command.path[..command.path.len() - 1],
                        &form[..],
                        &command.path[command.path.len() - 1..],
                        &needs[..],
                    ]
                    .concat(),
                ] {
                    let line = words.join(" ");
                    match parse(&mut built, &words) {
                        Err(error) => wrong.push(format!("{line}: {}", error.lines().next().unwrap_or_default())),
                        Ok(matches) => {
                            let (leaf, matches) = leaf(&built, &matches);
                            let found = given(leaf, matches, flag);
                            if !is_unsupported(leaf) && found.as_deref() != Some(value) {
                                wrong.push(format!("{line}: has the value {found:?}"));
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(flags > 250, "only {flags} flags were found");
}

#[test]
fn defaults_are_those_of_kops() {
    let mut built = built();
    let mut wrong = Vec::new();
    for command in table() {
        let matches = parse(&mut built, &[&command.path[..], &command.needs[..]].concat()).unwrap();
        let (leaf, _) = leaf(&built, &matches);
        if is_unsupported(leaf) {
            continue;
        }
        for flag in &command.flags {
            let Some(arg) = named(leaf, flag) else { continue };
            let own: Vec<_> = arg.get_default_values().iter().map(|value| value.to_str().unwrap()).collect();
            let own = match flag.kind {
                "optional" => None,
                _ => Some(own.join(",")).filter(|own| !own.is_empty()),
            };
            let kops = flag.default.filter(|_| flag.kind != "optional");
            if (own.as_deref() != kops) != flag.differs {
                wrong.push(format!("{} {}: {own:?}, in kops {kops:?}", command.path.join(" "), flag.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_of_kops_has_its_aliases() {
    let mut built = built();
    for command in table() {
        for alias in &command.aliases {
            let path = [&command.path[..command.path.len() - 1], &[*alias]].concat();
            let matches = parse(&mut built, &[&path[..], &command.needs[..]].concat())
                .unwrap_or_else(|error| panic!("{path:?}: {error}"));
            assert_eq!(super::command_path(&matches), command.path.join(" "));
        }
    }
}
