//! Comparison of two sets of files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::configuration::{AttributeChange, Block, BlockChange, Configuration, calls, is_hcl};
use crate::content::{self, Area, Change};
use crate::finding::{Finding, Severity};
use crate::hashes::Hashes;
use crate::hcl_values::JSONENCODE;
use crate::path::Path;
use crate::review::{Reviewer, Subject};
use crate::tree::{self, Difference, Leaf, ListRule, Rules};
use crate::{Files, MANIFEST, flat, secrecy, text};

/// The differences between two sets of files, files of the same meaning included: those whose bytes differ have the severity
/// [`Severity::Bytes`].
pub fn compare(old: &Files, new: &Files) -> Vec<Finding> {
    if old == new {
        return Vec::new();
    }
    let mut run = Run::new(old, new);
    run.configurations();
    run.other_files();
    run.bytes();
    run.found
}

/// A file that holds hashes of more files is reported itself.
const MAX_FOLLOWED: usize = 200;

struct Run<'f> {
    old: &'f Files,
    new: &'f Files,
    before: Configuration,
    after: Configuration,
    /// Files whose HCL cannot be read.
    unreadable: BTreeSet<String>,
    hashes: Hashes<'f>,
    reviewer: Reviewer,
    found: Vec<Finding>,
    /// Files that the blocks of either configuration read, and whether both versions of the block exist.
    read: BTreeMap<String, bool>,
    /// Pairs of files that have been compared.
    compared: BTreeSet<(String, String)>,
    /// Files whose hashes in other files changed with them: file → pairs.
    followed: BTreeMap<String, Vec<(String, String)>>,
}

impl<'f> Run<'f> {
    fn new(old: &'f Files, new: &'f Files) -> Self {
        let (mut before, errors) = Configuration::parse_lenient(old);
        let mut unreadable: BTreeSet<String> = errors.into_iter().map(|error| error.file).collect();
        let (mut after, errors) = Configuration::parse_lenient(new);
        unreadable.extend(errors.into_iter().map(|error| error.file));
        if !unreadable.is_empty() {
            // Such a file is compared by lines, so the blocks of its other version are not.
            let readable = |files: &Files| {
                let kept = files.iter().filter(|(file, _)| !unreadable.contains(*file));
                Configuration::parse_lenient(&kept.map(|(file, content)| (file.clone(), content.clone())).collect()).0
            };
            (before, after) = (readable(old), readable(new));
        }
        let reviewer = Reviewer::of(&before, &after);
        Self {
            old,
            new,
            before,
            after,
            unreadable,
            hashes: Hashes::of(old, new),
            reviewer,
            found: Vec::new(),
            read: BTreeMap::new(),
            compared: BTreeSet::new(),
            followed: BTreeMap::new(),
        }
    }

    fn configurations(&mut self) {
        let (before, after) = (std::mem::take(&mut self.before), std::mem::take(&mut self.after));
        let addresses: BTreeSet<&String> = before.blocks.keys().chain(after.blocks.keys()).collect();
        for address in addresses {
            let (a, b) = (before.blocks.get(address), after.blocks.get(address));
            for file in [a, b].into_iter().flatten().flat_map(|block| block.reads.values().flatten()) {
                let both = a.is_some() && b.is_some();
                self.read.entry(file.clone()).and_modify(|known| *known |= both).or_insert(both);
            }
            match (a, b) {
                (Some(a), Some(b)) => self.blocks(address, a, b),
                (a, b) => {
                    let Some(block) = a.or(b) else { continue };
                    let value = |block: Option<&Block>| block.map(|block| block.value.clone());
                    let whole = Difference { path: Path::default(), old: value(a), new: value(b), reordered: false };
                    let subject = Subject { file: &block.file, resource: Some((address, block)) };
                    self.report(&subject, Change::new(Area::Terraform, whole));
                }
            }
        }
    }

    fn blocks(&mut self, address: &str, a: &Block, b: &Block) {
        for argument in arguments(a, b) {
            let sides = Sides { argument, old: (a, self.old), new: (b, self.new) };
            for (file, change) in sides.diff(&self.hashes, &mut self.compared) {
                let subject = Subject { file: file.as_deref().unwrap_or(&b.file), resource: Some((address, b)) };
                self.report(&subject, change);
            }
            self.note_followed(b.reads.get(argument).and_then(|files| files.first()));
        }
    }

    /// Files that no argument reads.
    fn other_files(&mut self) {
        let files: BTreeSet<&String> = self.old.keys().chain(self.new.keys()).collect();
        for file in files {
            if file == MANIFEST || (is_hcl(file) && !self.unreadable.contains(file)) {
                continue;
            }
            let (a, b) = (self.old.get(file), self.new.get(file));
            let subject = Subject { file, resource: None };
            match (a, b) {
                (Some(a), Some(b)) if a == b => {}
                (Some(a), Some(b)) => {
                    if !self.compared.insert((file.clone(), file.clone())) {
                        continue;
                    }
                    let changes = if is_hcl(file) { lines(a, b) } else { content::diff(a, b, &self.hashes) };
                    for change in changes {
                        self.report(&subject, change);
                    }
                    self.note_followed(Some(file));
                }
                _ if self.read.contains_key(file) => {}
                (a, b) => {
                    let whole = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| content::whole(bytes));
                    let difference =
                        Difference { path: Path::default(), old: whole(a), new: whole(b), reordered: false };
                    self.report(&subject, Change::new(Area::Text, difference));
                }
            }
        }
    }

    fn note_followed(&mut self, file: Option<&String>) {
        let followed = self.hashes.take_followed();
        if let Some(file) = file.filter(|_| !followed.is_empty()) {
            self.followed.entry(file.clone()).or_default().extend(followed);
        }
    }

    /// Files that mean the same in other bytes.
    fn bytes(&mut self) {
        let named: BTreeSet<String> = self.found.iter().map(|finding| finding.file.clone()).collect();
        let files: BTreeSet<&String> = self.old.keys().chain(self.new.keys()).collect();
        let mut drift = Vec::new();
        for file in files.into_iter().filter(|file| *file != MANIFEST && !named.contains(*file)) {
            match (self.old.get(file), self.new.get(file)) {
                (Some(a), Some(b)) if a == b || self.is_explained(file, a, b) => {}
                (Some(a), Some(b)) => drift.push(self.reviewer.drift(file, a, b)),
                // The finding about the block says so.
                _ if self.read.get(file) == Some(&false) => {}
                (a, _) => drift.push(self.reviewer.moved(file, a.is_none())),
            }
        }
        self.found.extend(drift);
        // The list of files follows from the files.
        if let (Some(a), Some(b)) = (self.old.get(MANIFEST), self.new.get(MANIFEST))
            && a != b
            && self.found.is_empty()
        {
            self.found.push(self.reviewer.drift(MANIFEST, a, b));
        }
    }

    /// Whether only hashes of files differ which have findings of their own.
    fn is_explained(&self, file: &str, old: &[u8], new: &[u8]) -> bool {
        let Some(pairs) = self.followed.get(file).filter(|pairs| pairs.len() <= MAX_FOLLOWED) else { return false };
        let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else { return false };
        let mut replaced = old.to_owned();
        for (before, after) in pairs {
            replaced = replaced.replace(before, after);
        }
        // Packed configuration holds the hash, too.
        replaced == new || old.contains("| base64 -d")
    }

    fn report(&mut self, subject: &Subject<'_>, change: Change) {
        self.found.push(self.reviewer.finding(subject, change));
    }
}

fn lines(old: &[u8], new: &[u8]) -> Vec<Change> {
    match (std::str::from_utf8(old), std::str::from_utf8(new)) {
        (Ok(a), Ok(b)) => text::diff(a, b).into_iter().map(|d| Change::new(Area::Text, d)).collect(),
        _ => content::diff(old, new, &Hashes::none()),
    }
}

fn arguments<'b>(a: &'b Block, b: &'b Block) -> BTreeSet<&'b str> {
    let names = |block: &'b Block| block.value.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    names(a).chain(names(b)).collect()
}

/// An argument of both versions of a block.
struct Sides<'b> {
    argument: &'b str,
    old: (&'b Block, &'b Files),
    new: (&'b Block, &'b Files),
}

impl Sides<'_> {
    /// The differences, with the file that holds each, if it is not that of the block.
    fn diff(&self, hashes: &Hashes<'_>, compared: &mut BTreeSet<(String, String)>) -> Vec<(Option<String>, Change)> {
        let value = |block: &Block| block.value.get(self.argument).cloned().unwrap_or(Value::Null);
        let (a, b) = (value(self.old.0), value(self.new.0));
        let path = Path::default().field(self.argument);
        let present = |block: &Block| block.value.get(self.argument).is_some();
        if self.argument == "default" && present(self.old.0) != present(self.new.0) && a.is_null() && b.is_null() {
            // A variable without a default is required.
            let side = |block: &Block| present(block).then(|| Value::from("null"));
            let difference = Difference { path, old: side(self.old.0), new: side(self.new.0), reordered: false };
            return vec![(None, Change::new(Area::Terraform, difference))];
        }
        let below = |change: Change| Change {
            difference: Difference { path: path.join(change.difference.path), ..change.difference },
            ..change
        };
        let (old_document, new_document) = (self.document(&self.old, &a), self.document(&self.new, &b));
        if let (Some(old), Some(new)) = (&old_document, &new_document)
            && a != b
            && (old.file.is_none() || new.file.is_none())
        {
            // A document within the configuration on one side at least.
            let changes = content::diff(&old.bytes, &new.bytes, hashes);
            return changes.into_iter().map(|change| (new.file.clone(), below(change))).collect();
        }
        let rules = BlockRules { argument: self.argument, old: self.old.0, new: self.new.0 };
        let own = tree::diff(&a, &b, &rules);
        let mut found: Vec<(Option<String>, Change)> =
            own.into_iter().map(|d| (None, below(Change::new(Area::Terraform, d)))).collect();
        let files = |block: &Block| block.reads.get(self.argument).cloned().unwrap_or_default();
        for (x, y) in files(self.old.0).into_iter().zip(files(self.new.0)) {
            let (Some(a), Some(b)) = (self.old.1.get(&x), self.new.1.get(&y)) else { continue };
            if a == b || !compared.insert((x, y.clone())) {
                continue;
            }
            found.extend(content::diff(a, b, hashes).into_iter().map(|change| (Some(y.clone()), below(change))));
        }
        found
    }

    /// The document that an argument is: the file that it reads and nothing else, `jsonencode(…)`, or a string of several lines
    /// or JSON.
    fn document(&self, (block, files): &(&Block, &Files), value: &Value) -> Option<Document> {
        if let Some(encoded) = value.get(JSONENCODE) {
            return Some(Document { bytes: encoded.to_string().into_bytes(), file: None });
        }
        let text = value.as_str()?;
        match block.reads.get(self.argument).map(Vec::as_slice) {
            Some([file]) if text.starts_with("${file(") || text.starts_with("${filebase64(") => {
                Some(Document { bytes: files.get(file)?.clone(), file: Some(file.clone()) })
            }
            Some(_) => None,
            None if text.contains('\n') || text.starts_with('{') => {
                Some(Document { bytes: text.as_bytes().to_vec(), file: None })
            }
            None => None,
        }
    }
}

struct Document {
    bytes: Vec<u8>,
    file: Option<String>,
}

/// Rules of Terraform's arguments and nested blocks.
struct BlockRules<'b> {
    argument: &'b str,
    old: &'b Block,
    new: &'b Block,
}

/// Arguments that the AWS provider declares as lists, where the order has an effect, and nested blocks that are tried in order.
const ORDERED: [&str; 6] =
    ["domain_name_servers", "netbios_name_servers", "ntp_servers", "override", "provisioner", "termination_policies"];

impl Rules for BlockRules<'_> {
    fn list(&self, path: &Path) -> ListRule {
        let name = path.last_field().unwrap_or(self.argument);
        if ORDERED.contains(&name) { ListRule::Ordered } else { ListRule::Set }
    }

    fn leaf(&self, _path: &Path, old: &Value, new: &Value) -> Leaf {
        let (Some(a), Some(b)) = (old.as_str(), new.as_str()) else { return Leaf::Different };
        let reads = |block: &Block| block.reads.get(self.argument).map_or(0, Vec::len);
        let files = reads(self.old);
        // What the files hold is compared, not what they are called.
        if files > 0 && files == reads(self.new) && without_paths(a) == without_paths(b) {
            return Leaf::Equal;
        }
        Leaf::Different
    }
}

/// An expression without the paths of the files that it reads.
fn without_paths(text: &str) -> String {
    if text.starts_with("${path.module}/") {
        return "${path.module}/".to_owned();
    }
    let (mut kept, mut at) = (String::new(), 0);
    for call in calls(text) {
        kept.push_str(&text[at..call.range.start]);
        at = call.range.end;
    }
    kept.push_str(&text[at..]);
    kept
}

/// The arguments of a block, without secrets.
fn shown(block: &Block) -> BTreeMap<String, Value> {
    flat::attributes(&secrecy::shown(&Path::default(), &block.value))
}

/// The differences between two configurations, by address. No value holds a private key or a secret.
pub fn compare_configurations(old: &Configuration, new: &Configuration) -> BTreeMap<String, BlockChange> {
    let hashes = Hashes::of(&old.contents, &new.contents);
    let reviewer = Reviewer::of(old, new);
    let addresses: BTreeSet<&String> = old.blocks.keys().chain(new.blocks.keys()).collect();
    let mut found = BTreeMap::new();
    for address in addresses {
        let change = match (old.blocks.get(address), new.blocks.get(address)) {
            (Some(a), Some(b)) => {
                let attributes = attribute_changes(address, (a, old), (b, new), &hashes, &reviewer);
                if attributes.is_empty() {
                    continue;
                }
                BlockChange::Changed { attributes }
            }
            (Some(a), None) => BlockChange::Removed { attributes: shown(a) },
            (_, Some(b)) => BlockChange::Added { attributes: shown(b) },
            (None, None) => continue,
        };
        found.insert(address.clone(), change);
    }
    found
}

fn attribute_changes(
    address: &str,
    (a, old): (&Block, &Configuration),
    (b, new): (&Block, &Configuration),
    hashes: &Hashes<'_>,
    reviewer: &Reviewer,
) -> Vec<AttributeChange> {
    let mut found = Vec::new();
    for argument in arguments(a, b) {
        let sides = Sides { argument, old: (a, &old.contents), new: (b, &new.contents) };
        let changes = sides.diff(hashes, &mut BTreeSet::new());
        let (own, within): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|(_, change)| change.area == Area::Terraform);
        found.extend(own.into_iter().map(|(_, change)| AttributeChange {
            path: change.difference.path.to_string(),
            old: change.difference.old.map(|value| secrecy::shown(&change.difference.path, &value)),
            new: change.difference.new.map(|value| secrecy::shown(&change.difference.path, &value)),
            content: Vec::new(),
            severity: Severity::Meaning,
        }));
        let contents = |block: &Block, configuration: &Configuration| -> Vec<Vec<u8>> {
            let files = block.reads.get(argument).into_iter().flatten();
            files.filter_map(|file| configuration.contents.get(file).cloned()).collect()
        };
        if within.is_empty() && contents(a, old) == contents(b, new) {
            continue;
        }
        let content: Vec<Finding> = within
            .into_iter()
            .map(|(file, change)| {
                let subject = Subject { file: file.as_deref().unwrap_or(&b.file), resource: Some((address, b)) };
                reviewer.finding(&subject, change)
            })
            .collect();
        let path = Path::default().field(argument);
        let shown = |block: &Block| block.value.get(argument).map(|value| secrecy::shown(&path, value));
        found.push(AttributeChange {
            path: argument.to_owned(),
            old: shown(a),
            new: shown(b),
            severity: if content.is_empty() { Severity::Bytes } else { Severity::Meaning },
            content,
        });
    }
    found
}

/// Whether two versions of a file mean the same.
///
/// `path` decides how they are read: `*.tf` is HCL, whose `terraform` block does not count, because it says which program may
/// run the configuration and not what it makes. Hashes of other files are part of the meaning here: see [`equivalent_within`].
pub fn equivalent(path: &str, old: &[u8], new: &[u8]) -> bool {
    are_equivalent(path, old, new, &Hashes::none())
}

/// [`equivalent`], of files of two sets: hashes of files of these sets do not count where both are those of the same file.
/// A file that only one of the sets has is not equivalent.
pub fn equivalent_within(path: &str, old: &Files, new: &Files) -> bool {
    match (old.get(path), new.get(path)) {
        (Some(a), Some(b)) => are_equivalent(path, a, b, &Hashes::of(old, new)),
        (a, b) => a == b,
    }
}

fn are_equivalent(path: &str, old: &[u8], new: &[u8], hashes: &Hashes<'_>) -> bool {
    if old == new {
        return true;
    }
    if !is_hcl(path) {
        return content::diff(old, new, hashes).is_empty();
    }
    let read = |content: &[u8]| Configuration::parse(&Files::from([(path.to_owned(), content.to_vec())]));
    let (Ok(mut a), Ok(mut b)) = (read(old), read(new)) else { return false };
    for configuration in [&mut a, &mut b] {
        configuration.blocks.retain(|address, _| address != "terraform" && !address.ends_with(": terraform"));
    }
    compare_configurations(&a, &b).is_empty()
}
