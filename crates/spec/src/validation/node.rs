//! What instances are configured with: hooks, files, containerd, and how they are replaced.

use std::collections::BTreeSet;

use super::checker::{Checker, Emit};
use crate::meta::{Base64Bytes, Rounding};
use crate::v1alpha2::{
    Cluster, ContainerdConfig, FileAsset, FileAssetRole, Hook, HookPlace, InstanceGroupRole, PackagesConfig,
    RollingUpdate, RuncConfig,
};
use crate::versions::parse_tolerant;
use kopsform_diagnostics::Rule;
use semver::Version;

pub(super) fn check_cluster(cx: &mut Checker<'_>, cluster: &Cluster) {
    let spec = &cluster.spec;
    hooks(cx, "spec.hooks", &spec.hooks, HookPlace::Cluster);
    files(cx, "spec.fileAssets", &spec.file_assets);
    if let Some(containerd) = &spec.containerd {
        check_containerd(cx, "spec.containerd", containerd);
        downloads(cx, containerd);
        if containerd.gvisor.is_some() {
            let message = "gVisor is enabled by instance groups";
            cx.error(
                Rule::MisplacedField,
                "spec.containerd.gvisor",
                (message, "move it to spec.containerd of a group of nodes"),
            );
        }
    }
    if let Some(update) = &spec.rolling_update {
        rolling_update(cx, "spec.rollingUpdate", update, None);
    }
    if let Some(assets) = &spec.assets
        && assets.container_proxy.is_some()
        && assets.container_registry.is_some()
    {
        let message = "containerProxy and containerRegistry exclude each other";
        cx.error(
            Rule::Conflict,
            "spec.assets.containerProxy",
            (message, "keep one of containerProxy and containerRegistry"),
        );
    }
}

pub(super) fn hooks(cx: &mut Checker<'_>, base: &str, hooks: &[Hook], place: HookPlace) {
    let mut names = BTreeSet::new();
    for (i, hook) in hooks.iter().enumerate() {
        let path = format!("{base}[{i}]");
        let enabled = hook.enabled(place);
        if place == HookPlace::InstanceGroup
            && let Some(enabled) = enabled
        {
            let becomes = if enabled { "run" } else { "not run" };
            let message = format!("kops inverts this field in instance groups: the hook is {becomes}");
            let hint = "leave the field out, or move the hook to the cluster's hooks, with roles";
            cx.warning(Rule::ReversedField, format_args!("{path}.disabled"), (message, hint));
        }
        if enabled == Some(false) {
            continue;
        }
        if hook.exec_container.is_none() && hook.manifest.is_empty() {
            let (message, hint) = if hook.use_raw_manifest {
                ("useRawManifest is set, but there is no manifest", "write the unit in manifest")
            } else {
                ("the hook has neither a manifest nor execContainer", "write one of them")
            };
            if !cx.holds_value(&format!("{path}.manifest")) && !cx.holds_value(&format!("{path}.execContainer")) {
                cx.error(Rule::MissingField, &path, (message, hint));
            }
        } else if hook.exec_container.is_some() && !hook.manifest.is_empty() {
            let message = "the hook has a manifest and execContainer; the manifest is used";
            cx.warning(Rule::NoEffect, format_args!("{path}.execContainer"), (message, "keep one of them"));
        }
        if hook.use_raw_manifest {
            for (field, given) in [
                ("execContainer", hook.exec_container.is_some()),
                // kops refuses an empty list, too.
                ("before", !hook.before.is_empty() || cx.holds(&format!("{path}.before"))),
                ("requires", !hook.requires.is_empty() || cx.holds(&format!("{path}.requires"))),
            ] {
                if given {
                    let message =
                        format!("with useRawManifest the manifest is the whole unit, and {field} is not used");
                    cx.error(
                        Rule::Conflict,
                        format_args!("{path}.{field}"),
                        (message, "remove it, and say so in the manifest"),
                    );
                }
            }
        }
        if let Some(container) = &hook.exec_container
            && container.image.is_empty()
        {
            cx.required(format_args!("{path}.execContainer.image"), "the container has no image");
        }
        if !hook.name.is_empty() && !names.insert(hook.name.as_str()) {
            let message = format!("there is a hook named {} already", hook.name);
            cx.strict(Rule::DuplicateName, format_args!("{path}.name"), message);
        }
    }
}

pub(super) fn files(cx: &mut Checker<'_>, base: &str, files: &[FileAsset]) {
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    for (i, file) in files.iter().enumerate() {
        let path = |field: &str| format!("{base}[{i}].{field}");
        if file.name.is_empty() {
            cx.required(path("name"), "the file has no name");
        } else if !names.insert(file.name.as_str()) {
            cx.strict(Rule::DuplicateName, path("name"), format!("there is a file asset named {} already", file.name));
        }
        if file.content.is_empty() {
            cx.required(path("content"), "the file has no content");
        } else if file.is_base64 && serde_json::from_value::<Base64Bytes>(file.content.clone().into()).is_err() {
            cx.strict(
                Rule::BadBase64,
                path("content"),
                ("the content is not base64", "write isBase64: false, or encode it"),
            );
        }
        if file.roles.contains(&FileAssetRole::Master) {
            let message = "no instance gets files of role Master";
            cx.warning(Rule::NoEffect, path("roles"), (message, "write ControlPlane"));
        }
        if !file.path.is_empty() && !paths.insert(file.path.as_str()) {
            cx.strict(Rule::DuplicatePath, path("path"), format!("another file asset goes to {} too", file.path));
        }
    }
}

pub(super) fn check_containerd(cx: &mut Checker<'_>, base: &str, containerd: &ContainerdConfig) {
    let path = |field: &str| format!("{base}.{field}");
    let version = containerd.version.as_deref();
    let parsed = version.and_then(parse_tolerant);
    match (version, &parsed) {
        (Some(text), None) => {
            cx.error(
                Rule::BadVersion,
                path("version"),
                format!("{text:?} is not a version of containerd such as 2.2.4"),
            );
        }
        (Some(text), Some(version)) if *version < CONTAINERD_OLDEST => {
            cx.error(
                Rule::UnsupportedVersion,
                path("version"),
                (format!("containerd {text} is too old"), "write 1.3.4 or later"),
            );
        }
        _ => {}
    }
    if containerd.nri.as_ref().is_some_and(|nri| nri.enabled == Some(true))
        && parsed.is_some_and(|v| (v.major, v.minor) < (1, 7))
    {
        cx.error(Rule::UnsupportedVersion, path("nri"), ("NRI needs containerd 1.7 or later", "see version"));
    }
    if let Some(own) = &containerd.packages {
        packages(cx, &path("packages"), own, Checker::error);
    }
    if let Some(own) = containerd.runc.as_ref().and_then(|runc| runc.packages.as_ref()) {
        // kops takes a half of a pair, and installs its own runc.
        packages(cx, &path("runc.packages"), own, Checker::strict);
    }
    for (registry, mirrors) in &containerd.registry_mirrors {
        for (i, mirror) in mirrors.iter().enumerate() {
            if let Some(Err(error)) = crate::formats::Format::named("http-url").map(|f| f.check(mirror)) {
                let path = path(&format!("registryMirrors[{registry:?}][{i}]"));
                cx.strict(Rule::BadUrl, path, (error.message, format!("did you mean https://{mirror}?")));
            }
        }
    }
}

/// Versions of containerd and runc must be published for every architecture unless the spec names packages: instances, and so
/// `update cluster`, look for them under an address made of the version.
fn downloads(cx: &mut Checker<'_>, containerd: &ContainerdConfig) {
    if containerd.skip_install {
        return;
    }
    let none = RuncConfig::default();
    let runc = containerd.runc.as_ref().unwrap_or(&none);
    for (tool, path, oldest, version, packages) in [
        ("containerd", "spec.containerd", (1, 6), &containerd.version, &containerd.packages),
        ("runc", "spec.containerd.runc", (1, 1), &runc.version, &runc.packages),
    ] {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let complete = packages
            .as_ref()
            .is_some_and(|p| [&p.url_amd64, &p.hash_amd64, &p.url_arm64, &p.hash_arm64].into_iter().all(given));
        let Some(text) = version.as_deref().filter(|text| !text.is_empty() && !complete) else { continue };
        let path = format!("{path}.version");
        let Some(parsed) = parse_tolerant(text) else {
            // Of containerd, reported above.
            if tool == "runc" {
                cx.error(Rule::BadVersion, path, (format!("{text:?} is not a version of runc"), "such as 1.3.5"));
            }
            continue;
        };
        if (parsed.major, parsed.minor) < oldest && (tool == "runc" || parsed >= CONTAINERD_OLDEST) {
            let message = format!("there is no download of {tool} {text} for every architecture");
            let hint = format!("remove it, or write {}.{}.0 or later", oldest.0, oldest.1);
            cx.error(Rule::UnsupportedVersion, path, (message, hint));
        } else if text.trim().starts_with('v') {
            let message = format!("there is no download of {tool} {text}: the address has a v already");
            cx.error(Rule::BadVersion, path, (message, format!("write {}", text.trim().trim_start_matches('v'))));
        } else if text.split('.').count() < 3 {
            let message = format!("{text:?} does not name a release of {tool}: the patch is missing");
            cx.error(Rule::BadVersion, path, (message, format!("such as {text}.0")));
        }
    }
}

/// The oldest containerd that kops installs.
const CONTAINERD_OLDEST: Version = Version::new(1, 3, 4);

/// A URL and its hash need each other; `emit` is the severity where one is missing.
fn packages<'a>(cx: &mut Checker<'a>, base: &str, packages: &PackagesConfig, emit: Emit<'a>) {
    let pairs = [
        ("urlAmd64", &packages.url_amd64, "hashAmd64", &packages.hash_amd64),
        ("urlArm64", &packages.url_arm64, "hashArm64", &packages.hash_arm64),
    ];
    for (url_field, url, hash_field, hash) in pairs {
        let (given, missing) = match (url.is_some(), hash.is_some()) {
            (true, false) => (url_field, hash_field),
            (false, true) => (hash_field, url_field),
            _ => continue,
        };
        if !cx.holds_value(&format!("{base}.{missing}")) {
            let note = (format!("{given} needs {missing}"), format!("write {missing}")).into();
            emit(cx, Rule::NeedsField, format!("{base}.{given}"), note);
        }
    }
}

/// How instances are replaced; `role` is the role of the group, `None` for a cluster.
pub(super) fn rolling_update(
    cx: &mut Checker<'_>,
    base: &str,
    update: &RollingUpdate,
    role: Option<InstanceGroupRole>,
) {
    // kops calculates a percentage of maxUnavailable for a single instance.
    let unavailable = update.max_unavailable.as_ref().map_or(1, |value| value.scaled(1, Rounding::Down));
    let Some(surge) = &update.max_surge else { return };
    // As in kops, a percentage of maxSurge is of 1000 instances, rounded up, so only 0% is zero.
    let surge = surge.scaled(1000, Rounding::Up);
    let path = format!("{base}.maxSurge");
    if role == Some(InstanceGroupRole::ControlPlane) && surge != 0 {
        let message = "the control plane can't have more instances than members of etcd";
        cx.error(Rule::Conflict, path, (message, "remove it, or write 0"));
    } else if surge == 0 && unavailable == 0 {
        let message = "with maxSurge 0 and maxUnavailable 0, no instance can be replaced";
        cx.error(Rule::Conflict, path, (message, "write more than 0 in one of them"));
    }
}
