//! Names, ids and ARNs of AWS.

use serde_json::Value;

use super::FormatError;
use kopsform_diagnostics::nearest;

/// An ARN taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// Such as `iam`.
    pub service: &'a str,
    /// Empty for services that have no regions.
    pub region: &'a str,
    /// The account that owns the resource; `aws` for what AWS manages.
    pub account: &'a str,
    /// Such as `policy/example`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits an ARN; `None` for a string that is not one.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let (partition, service) = (parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { partition, service, region, account, resource })
    }

    /// Whether all parts have the form that the AWS provider of Terraform asks for.
    pub fn is_valid(&self) -> bool {
        self.form_error().is_none()
    }

    /// What the AWS provider of Terraform refuses: kops does not look at these parts.
    fn form_error(&self) -> Option<String> {
        let words = |text: &str| {
            !text.is_empty()
                && text.split('-').all(|word| word.bytes().all(|b| b.is_ascii_lowercase()) && !word.is_empty())
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !words(self.partition) || self.partition.split('-').next() != Some("aws") {
            return Some(format!("{:?} is not a partition", self.partition));
        }
        if self.service.is_empty() {
            return Some("the ARN has no service".to_owned());
        }
        let region = self
            .region
            .rsplit_once('-')
            .is_some_and(|(place, number)| place.contains('-') && words(place) && digits(number) && number.len() <= 2);
        if !self.region.is_empty() && !region {
            return Some(format!("{:?} is not a region", self.region));
        }
        let of_aws = ["", "aws", "aws-managed", "third-party", "aws-marketplace"].contains(&self.account);
        if !(of_aws || digits(self.account) && self.account.len() == 12) {
            return Some(format!("{:?} is not an account id, which has twelve digits", self.account));
        }
        None
    }
}

fn arn(text: &str, kinds: &[&str], example: &str) -> Result<(), FormatError> {
    match Arn::parse(text) {
        Some(arn) if kinds.iter().any(|kind| arn.resource.starts_with(kind)) => {
            let nameless = arn.resource.ends_with('/').then(|| "the resource has no name".to_owned());
            match arn.form_error().or(nameless) {
                None => Ok(()),
                Some(error) => Err(FormatError::new(format!("invalid ARN {text}: {error}"))
                    .hint(format!("such as {example}"))
                    .accepted()),
            }
        }
        Some(_) => {
            let kinds: Vec<&str> = kinds.iter().map(|k| k.trim_end_matches('/')).collect();
            Err(FormatError::new(format!("{text} is not the ARN of a {}", kinds.join(" or ")))
                .hint(format!("such as {example}"))
                .refused())
        }
        None => Err(FormatError::new(format!("{text:?} is not an ARN")).hint(format!("such as {example}")).refused()),
    }
}

pub(super) fn policy_arn(text: &str) -> Result<(), FormatError> {
    arn(text, &["policy/"], "arn:aws:iam::123456789012:policy/example")
}

pub(super) fn identity_arn(text: &str) -> Result<(), FormatError> {
    arn(text, &["role/", "user/"], "arn:aws:iam::123456789012:role/example")
}

pub(super) fn instance_profile_arn(text: &str) -> Result<(), FormatError> {
    arn(text, &["instance-profile/"], "arn:aws:iam::123456789012:instance-profile/example")
}

pub(super) fn certificate_arn(text: &str) -> Result<(), FormatError> {
    let error =
        arn(text, &["certificate/", "server-certificate/"], "arn:aws:acm:us-east-1:123456789012:certificate/0123");
    error.map_err(|error| FormatError { refused: false, ..error })
}

pub(super) fn target_group_arn(text: &str) -> Result<(), FormatError> {
    let example = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/example/0123456789abcdef";
    arn(text, &["targetgroup/"], example)?;
    let parts: Vec<&str> = Arn::parse(text).map(|a| a.resource.split('/').collect()).unwrap_or_default();
    match parts.as_slice() {
        [_, name, _] if name.len() > 32 => {
            Err(FormatError::new(format!("the target group's name {name} is longer than 32 characters")).refused())
        }
        [_, _, _] => Ok(()),
        _ => Err(FormatError::new(format!("{text} is not the ARN of a target group"))
            .hint(format!("such as {example}"))
            .refused()),
    }
}

pub(super) fn kms_key(text: &str) -> Result<(), FormatError> {
    let uuid = text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let arn = Arn::parse(text)
        .filter(|a| a.service == "kms" && (a.resource.starts_with("key/") || a.resource.starts_with("alias/")));
    if let Some(error) = arn.and_then(|arn| arn.form_error()) {
        return Err(FormatError::new(format!("invalid ARN {text}: {error}"))
            .hint("such as arn:aws:kms:us-east-1:123456789012:key/0123")
            .accepted());
    }
    let known = arn.is_some();
    if known || uuid || text.starts_with("alias/") || text.starts_with("mrk-") {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not a KMS key"))
        .hint("such as arn:aws:kms:us-east-1:123456789012:key/0123, its id, or alias/name"))
}

fn id(text: &str, prefix: &str, what: &str, refused: bool) -> Result<(), FormatError> {
    if text.trim().is_empty() {
        return Err(FormatError { refused, ..FormatError::new(format!("{what} is empty")) });
    }
    let rest = text.strip_prefix(prefix);
    if rest.is_some_and(|r| !r.is_empty() && r.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Ok(());
    }
    let refused = refused && rest.is_none();
    Err(FormatError { refused, ..FormatError::new(format!("{text:?} is not the id of {what}")) }
        .hint(format!("such as {prefix}0123456789abcdef0")))
}

pub(super) fn security_group(text: &str) -> Result<(), FormatError> {
    id(text, "sg-", "a security group", true)
}

pub(super) fn subnet_id(text: &str) -> Result<(), FormatError> {
    id(text, "subnet-", "a subnet", true)
}

pub(super) fn vpc_id(text: &str) -> Result<(), FormatError> {
    id(text, "vpc-", "a VPC", true)
}

pub(super) fn allocation_id(text: &str) -> Result<(), FormatError> {
    id(text, "eipalloc-", "an elastic address", false)
}

pub(super) fn hosted_zone_id(text: &str) -> Result<(), FormatError> {
    let bare = text.strip_prefix("/hostedzone/").unwrap_or(text);
    if bare.starts_with('Z') && bare.len() > 1 && bare.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not the id of a hosted zone")).hint("such as Z0123456789ABCDEFGHIJ"))
}

pub(super) fn egress(text: &str) -> Result<(), FormatError> {
    let kind = text.split('-').next().unwrap_or_default();
    if text == "External" {
        return Ok(());
    }
    if matches!(kind, "nat" | "eipalloc" | "i" | "tgw" | "External") {
        // kops looks at what precedes the hyphen only.
        return named_resource(text);
    }
    Err(FormatError::new(format!("invalid egress {text:?}"))
        .hint("write nat-…, eipalloc-…, i-…, tgw-… or External")
        .refused())
}

/// Checks that letters and digits follow the kind of a resource, as in `nat-0123456789abcdef0`.
fn named_resource(text: &str) -> Result<(), FormatError> {
    let (kind, id) = text.split_once('-').unwrap_or((text, ""));
    if !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} does not name a resource"))
        .hint(format!("such as {kind}-0123456789abcdef0"))
        .accepted())
}

pub(super) fn route_target(text: &str) -> Result<(), FormatError> {
    if ["pcx-", "i-", "nat-", "tgw-", "igw-", "eigw-"].iter().any(|prefix| text.starts_with(prefix)) {
        return named_resource(text);
    }
    Err(FormatError::new(format!("invalid route target {text:?}"))
        .hint("write pcx-…, i-…, nat-…, tgw-…, igw-… or eigw-…")
        .refused())
}

pub(super) fn bucket(text: &str) -> Result<(), FormatError> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if (3..=63).contains(&text.len())
        && text.bytes().all(inner)
        && edge(text.bytes().next())
        && edge(text.bytes().last())
    {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} is not the name of a bucket"));
    Err(match text.strip_prefix("s3://") {
        Some(bare) => error.hint(format!("without s3://: {}", bare.split('/').next().unwrap_or_default())),
        None => error.hint("3 to 63 lower-case letters, digits, dots and hyphens"),
    })
}

pub(super) fn store(text: &str) -> Result<(), FormatError> {
    let invalid = |message: String| Err(FormatError::new(message).hint("write s3://bucket/prefix").refused());
    match text.split_once("://") {
        Some(("s3", rest)) => match rest.split('/').next().unwrap_or_default() {
            "" => invalid(format!("{text:?} has no bucket")),
            _ => Ok(()),
        },
        Some(("file" | "memfs", _)) => Ok(()),
        Some(("gs" | "do" | "swift" | "azureblob" | "scw" | "hos" | "k8s", _)) => {
            invalid(format!("{text:?} is a store that nodes on AWS cannot read"))
        }
        _ => invalid(format!("{text:?} is not the address of a store")),
    }
}

pub(super) fn machine_image(text: &str) -> Result<(), FormatError> {
    let invalid = || FormatError::new(format!("{text:?} is not a machine image"));
    let known = "write ami-…, ssm:PARAMETER, NAME or OWNER/NAME";
    if text.contains("://") || text.contains(char::is_whitespace) {
        return Err(invalid().hint(known));
    }
    if let Some(id) = text.strip_prefix("ami-") {
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(FormatError::new(format!("{text:?} is not the id of an image"))
                .hint("such as ami-0123456789abcdef0")
                .accepted());
        }
        return Ok(());
    }
    let (owner, name) = text.split_once('/').map_or((None, text), |(owner, name)| (Some(owner), name));
    if text == "ssm:" || name.is_empty() || owner.is_some_and(str::is_empty) {
        return Err(invalid().hint(known));
    }
    Ok(())
}

pub(super) fn machine_type(text: &str) -> Result<(), FormatError> {
    const SIZES: [&str; 8] = ["nano", "micro", "small", "medium", "large", "xlarge", "metal", "2xlarge"];
    let Some((family, size)) = text.split_once('.') else {
        return Err(match text.contains(',') {
            true => several_types(text),
            false => FormatError::new(format!("{text:?} is not an instance type such as t3.medium")),
        });
    };
    if text.contains(',') {
        return Err(several_types(text));
    }
    // `m7i-flex`, `u-6tb1`, `p6-b200`
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let known_family = family.starts_with(|c: char| c.is_ascii_lowercase())
        && family.bytes().any(|b| b.is_ascii_digit())
        && family.bytes().all(plain);
    if !known_family {
        return Err(FormatError::new(format!("{text:?} is not an instance type such as t3.medium")));
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let known_size = SIZES.contains(&size)
        || size.strip_suffix("xlarge").is_some_and(digits)
        || size.strip_prefix("metal-").and_then(|rest| rest.strip_suffix("xl")).is_some_and(digits);
    if known_size {
        return Ok(());
    }
    let error = FormatError::new(format!("{size:?} is not a size of instances, in {text}"));
    Err(match nearest(size, SIZES) {
        Some(near) => error.hint(format!("did you mean {family}.{near}?")),
        None => error.hint("sizes are nano, micro, small, medium, large, xlarge, 2xlarge and so on, and metal"),
    })
}

fn several_types(text: &str) -> FormatError {
    FormatError::new(format!("{text:?} names several instance types"))
        .hint("name one here, and all of them in mixedInstancesPolicy.instances")
}

pub(super) fn price(text: &str) -> Result<(), FormatError> {
    let decimal = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match text.parse::<f64>() {
        Ok(price) if decimal && price > 0.0 => Ok(()),
        _ => Err(FormatError::new(format!("{text:?} is not a price in dollars such as 0.10"))),
    }
}

/// Regions with availability zones.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "me-west-1",
    "mx-central-1",
    "sa-east-1",
    "sa-west-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-west-1",
    "us-west-2",
];

pub(super) fn region(text: &str) -> Result<(), FormatError> {
    if REGIONS.contains(&text) {
        return Ok(());
    }
    let error = FormatError::new(format!("there is no region {text}"));
    Err(match nearest(text, REGIONS.iter().copied()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error,
    })
}

pub(super) fn zone(text: &str) -> Result<(), FormatError> {
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let region = text.strip_suffix(|c: char| c.is_ascii_lowercase());
    let shaped = region.and_then(|r| r.rsplit_once('-')).is_some_and(|(place, number)| {
        let number_ok = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        number_ok && place.split('-').count() >= 2 && place.split('-').all(letters)
    });
    let Some(region) = region.filter(|_| shaped) else {
        let error = FormatError::new(format!("{text:?} is not an availability zone such as us-east-1a")).refused();
        return Err(if REGIONS.contains(&text) { error.hint(format!("did you mean {text}a?")) } else { error });
    };
    if !REGIONS.contains(&region) {
        let error = FormatError::new(format!("there is no region {region}"));
        return Err(match nearest(region, REGIONS.iter().copied()) {
            Some(near) => error.hint(format!("did you mean {near}{}?", &text[region.len()..])),
            None => error,
        });
    }
    if text.as_bytes().last().is_some_and(|letter| *letter > b'f') {
        return Err(FormatError::new(format!("{region} has no zone {text}")));
    }
    Ok(())
}

pub(super) fn iam_statements(text: &str) -> Result<(), FormatError> {
    let refuse = |message: String| Err(FormatError::new(message).refused());
    let statements = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(statements)) => statements,
        Ok(_) => {
            return Err(FormatError::new("the policy is not a list of statements")
                .hint("begin it with [ and end it with ]")
                .refused());
        }
        Err(error) => return refuse(format!("the policy is not JSON: {error}")),
    };
    for (i, statement) in statements.iter().enumerate() {
        let Value::Object(statement) = statement else {
            return refuse(format!("statement {i} of the policy is not an object"));
        };
        match statement.get("Effect") {
            Some(Value::String(effect)) if effect == "Allow" || effect == "Deny" => {}
            None => return refuse(format!("statement {i} of the policy has no Effect")),
            Some(effect) => {
                return refuse(format!("statement {i} of the policy has the Effect {effect}, neither Allow nor Deny"));
            }
        }
        if !statement.contains_key("Action") && !statement.contains_key("NotAction") {
            return Err(FormatError::new(format!("statement {i} of the policy has no Action")));
        }
        if !statement.contains_key("Resource") && !statement.contains_key("NotResource") {
            return Err(FormatError::new(format!("statement {i} of the policy has no Resource")));
        }
    }
    Ok(())
}
