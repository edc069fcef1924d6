//! The questions of `init`.

use std::io::BufRead as _;

use crate::cli::{CliError, Invocation};
use crate::ops::init::Choices;
use crate::ops::init::choices::{
    DEFAULT_CIDR, DEFAULT_ENVIRONMENT, DnsType, check_format, check_name, check_vpc_cidr, default_kubernetes_version,
    default_state_bucket, default_zones, is_gossip,
};
use kopsform_env as env;

/// Where questions go and answers come from: the terminal.
pub(super) trait Console {
    fn show(&mut self, text: &str);
    /// The next line, without its end; `None` at the end of the input.
    fn line(&mut self) -> Option<String>;
}

struct Terminal<'i>(&'i Invocation);

impl Console for Terminal<'_> {
    fn show(&mut self, text: &str) {
        self.0.ui.note(text);
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim().to_owned()),
        }
    }
}

/// Asks the user for what was not given.
///
/// # Errors
/// If the input ends before the last answer.
pub(super) fn fill(choices: &mut Choices, invocation: &Invocation) -> Result<(), CliError> {
    let region = invocation.environment.get(env::AWS_REGION).unwrap_or_default();
    ask_all(choices, region, &mut |file| super::read_key(file, invocation), &mut Terminal(invocation))
}

type ReadKey<'r> = &'r mut dyn FnMut(&str) -> Result<String, CliError>;

fn ask_all(choices: &mut Choices, region: &str, read: ReadKey, console: &mut dyn Console) -> Result<(), CliError> {
    console.show("Press Enter to accept the value in brackets.");
    if choices.name.is_none() {
        let question = "Name of the cluster, such as k1.dev.example.com; under k8s.local, it needs no DNS";
        choices.name = Some(ask(console, question, "", &check_name)?);
    }
    let name = choices.name.clone().unwrap_or_default();
    if choices.zones.is_empty() {
        if choices.region.is_none() {
            choices.region = Some(ask(console, "Region", region, &|text| check_format("region", text))?);
        }
        let zones = default_zones(choices.region.as_deref().unwrap_or_default()).join(",");
        choices.zones = ask_list(console, "Zones, separated by commas", &zones, "zone")?;
    }
    if choices.environment.is_none() {
        choices.environment =
            Some(ask(console, "Environment, for tags", DEFAULT_ENVIRONMENT, &|text| check_format("name", text))?);
    }
    if choices.vpc.is_none() && choices.network_cidr.is_none() {
        let question = "ID of a VPC that exists; - for a new one";
        choices.vpc = ask_optional(console, question, &|text| check_format("vpc-id", text))?;
        if choices.vpc.is_none() {
            choices.network_cidr = Some(ask(console, "CIDR of the new VPC", DEFAULT_CIDR, &check_vpc_cidr)?);
        }
    }
    if choices.vpc.is_some() {
        let zones = choices.zones.join(", ");
        if choices.subnets.is_empty() {
            choices.subnets = ask_list(console, &format!("Private subnets in {zones}"), "", "subnet-id")?;
        }
        if choices.utility_subnets.is_empty() {
            choices.utility_subnets = ask_list(console, &format!("Public subnets in {zones}"), "", "subnet-id")?;
        }
    }
    if !is_gossip(&name) && choices.dns.is_none() {
        let check = |text: &str| match text {
            "private" | "public" => Ok(()),
            _ => Err("expected private or public".to_owned()),
        };
        let answer = ask(console, "DNS names of the cluster: private or public", "private", &check)?;
        choices.dns = Some(if answer == "public" { DnsType::Public } else { DnsType::Private });
    }
    if !is_gossip(&name) && choices.dns_zone.is_none() {
        let question = format!("ID of a hosted zone that exists; - for a new one, {name}");
        choices.dns_zone = ask_optional(console, &question, &|text| check_format("hosted-zone-id", text))?;
    }
    if choices.state_bucket.is_none() {
        let bucket = default_state_bucket(&name);
        choices.state_bucket =
            Some(ask(console, "New bucket for the state store", &bucket, &|text| check_format("bucket", text))?);
    }
    if choices.kubernetes_version.is_none() {
        let check = |text: &str| check_format("kubernetes-version", text);
        choices.kubernetes_version = Some(ask(console, "Kubernetes version", &default_kubernetes_version(), &check)?);
    }
    while choices.ssh_key.is_none() {
        let question = "File of the SSH public key of the instances; - for none";
        let Some(file) = ask_optional(console, question, &|_| Ok(()))? else { break };
        match read(&file) {
            Ok(key) => choices.ssh_key = Some(key),
            Err(error) => console.show(&error.message),
        }
    }
    Ok(())
}

type Check<'c> = &'c dyn Fn(&str) -> Result<(), String>;

/// Asks until the answer is valid. An empty answer means the default, if there is one.
fn ask(console: &mut dyn Console, question: &str, default: &str, check: Check) -> Result<String, CliError> {
    loop {
        let brackets = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        console.show(&format!("{question}{brackets}"));
        let Some(line) = console.line() else {
            return Err(CliError::message("the questions were not answered; nothing was written")
                .hint("give the answers as flags: `kopsform init --help` lists them"));
        };
        let answer = if line.is_empty() { default.to_owned() } else { line };
        if answer.is_empty() {
            continue;
        }
        match check(&answer) {
            Ok(()) => return Ok(answer),
            Err(message) => console.show(&message),
        }
    }
}

/// As [`ask`], where `-` means none.
fn ask_optional(console: &mut dyn Console, question: &str, check: Check) -> Result<Option<String>, CliError> {
    let check = |text: &str| if text == "-" { Ok(()) } else { check(text) };
    Ok(Some(ask(console, question, "-", &check)?).filter(|answer| answer != "-"))
}

/// As [`ask`], for a list whose items have a format.
fn ask_list(console: &mut dyn Console, question: &str, default: &str, format: &str) -> Result<Vec<String>, CliError> {
    let items = |text: &str| -> Vec<String> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    };
    let check = |text: &str| items(text).iter().try_for_each(|item| check_format(format, item));
    Ok(items(&ask(console, question, default, &check)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    struct Script {
        answers: Vec<&'static str>,
        shown: Vec<String>,
    }

    impl Console for Script {
        fn show(&mut self, text: &str) {
            self.shown.push(text.to_owned());
        }

        fn line(&mut self) -> Option<String> {
            (!self.answers.is_empty()).then(|| self.answers.remove(0).to_owned())
        }
    }

    fn run(choices: &mut Choices, answers: &[&'static str]) -> (Result<(), CliError>, Script) {
        let mut script = Script { answers: answers.to_vec(), shown: Vec::new() };
        let mut read = |file: &str| Err(CliError::message(format!("cannot read {file}")));
        (ask_all(choices, "eu-west-1", &mut read, &mut script), script)
    }

    #[test]
    fn enter_accepts_what_is_proposed() {
        let mut choices = Choices::default();
        let (result, script) = run(&mut choices, &["demo.k8s.local", "", "", "", "", "", "", "", ""]);
        result.unwrap();
        assert!(script.answers.is_empty());
        let proposed = choices.complete().unwrap();
        let name = Some("demo.k8s.local".to_owned());
        let defaults = Choices { name, region: Some("eu-west-1".to_owned()), ..Choices::default() };
        assert_eq!(proposed, defaults.complete().unwrap(), "the proposals are the defaults of the flags");
    }

    #[test]
    fn an_invalid_answer_is_explained_and_asked_for_again() {
        let mut choices = Choices::default();
        let answers = [
            "Demo",
            "demo.example.com",
            "eu-west-1",
            "eu-west-1a",
            "",
            "vpc-0123456789abcdef0",
            "subnet-0123456789abcdef0",
            "subnet-0123456789abcdef1",
            "both",
            "public",
            "Z0123456789",
            "",
            "",
            "key.pub",
            "-",
        ];
        let (result, script) = run(&mut choices, &answers);
        result.unwrap();
        for part in ["Demo", "expected private or public", "cannot read key.pub"] {
            assert!(script.shown.iter().any(|shown| shown.contains(part)), "{part}: {:?}", script.shown);
        }
        assert_eq!((choices.dns, choices.ssh_key.is_none()), (Some(DnsType::Public), true));
        choices.complete().unwrap();
    }

    #[test]
    fn only_what_was_not_given_is_asked_for() {
        let mut choices = Choices {
            name: Some("demo.example.com".to_owned()),
            zones: vec!["eu-west-1a".to_owned()],
            environment: Some("dev".to_owned()),
            network_cidr: Some("10.0.0.0/16".to_owned()),
            dns: Some(DnsType::Private),
            dns_zone: Some("Z0123456789".to_owned()),
            state_bucket: Some("state".to_owned()),
            kubernetes_version: Some("1.35.0".to_owned()),
            ssh_key: Some("key".to_owned()),
            ..Choices::default()
        };
        let (result, script) = run(&mut choices, &[]);
        result.unwrap();
        assert_eq!(script.shown.len(), 1, "{:?}", script.shown);
    }

    #[test]
    fn an_input_that_ends_is_an_error() {
        let (result, _) = run(&mut Choices::default(), &["demo.k8s.local"]);
        assert!(result.unwrap_err().message.contains("nothing was written"));
    }
}
