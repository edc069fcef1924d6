//! EBS volumes: type, size, IOPS and throughput must fit each other.

use super::super::checker::Checker;
use kopsform_diagnostics::Rule;

/// A volume as a spec describes it.
pub(in crate::validation) struct Volume<'a> {
    pub(in crate::validation) kind: Option<&'a str>,
    pub(in crate::validation) size: Option<i64>,
    pub(in crate::validation) default_size: i64,
    pub(in crate::validation) iops: Option<i64>,
    pub(in crate::validation) throughput: Option<i64>,
}

/// A field of a volume.
#[derive(Debug, Clone, Copy)]
pub(in crate::validation) enum Part {
    Iops,
    Throughput,
}

impl Part {
    /// Its name in an etcd member.
    pub(in crate::validation) fn etcd_field(self) -> &'static str {
        match self {
            Self::Iops => "volumeIops",
            Self::Throughput => "volumeThroughput",
        }
    }

    /// Its name in a volume of a group.
    pub(in crate::validation) fn field(self) -> &'static str {
        match self {
            Self::Iops => "iops",
            Self::Throughput => "throughput",
        }
    }

    /// Its name for the root volume of a group.
    pub(in crate::validation) fn root_field(self) -> &'static str {
        match self {
            Self::Iops => "rootVolumeIops",
            Self::Throughput => "rootVolumeThroughput",
        }
    }
}

/// Checks a volume of etcd, as kops does; `path` gives the path of a field.
pub(in crate::validation) fn check(cx: &mut Checker<'_>, volume: &Volume<'_>, path: impl Fn(Part) -> String) {
    check_with(cx, volume, &path, true);
}

/// Checks a volume that kops passes to AWS unchecked.
pub(in crate::validation) fn check_unchecked(cx: &mut Checker<'_>, volume: &Volume<'_>, path: impl Fn(Part) -> String) {
    check_with(cx, volume, &path, false);
}

fn check_with(cx: &mut Checker<'_>, volume: &Volume<'_>, path: &impl Fn(Part) -> String, refused: bool) {
    let ratio_error = |cx: &mut Checker<'_>, path: String, note: (String, String)| {
        if refused {
            cx.error(Rule::VolumeRatio, path, note);
        } else {
            cx.strict(Rule::VolumeRatio, path, note);
        }
    };
    let kind = volume.kind.filter(|k| !k.is_empty()).unwrap_or("gp3");
    let size = volume.size.filter(|s| *s > 0).unwrap_or(volume.default_size);
    let iops = match (kind, volume.iops.unwrap_or(0)) {
        ("gp3", iops) => iops.max(3000),
        ("io1" | "io2", iops) => iops.max(100),
        (_, given) => {
            if given > 0 {
                let message = format!("volumes of type {kind} have no configurable IOPS");
                cx.strict(Rule::NoEffect, path(Part::Iops), (message, "remove it, or use gp3"));
            }
            return throughput_without_effect(cx, volume, kind, path);
        }
    };
    let ratio = match kind {
        "io1" => 50,
        _ => 500,
    };
    if iops > size.saturating_mul(ratio) && (kind != "gp3" || iops > 3000) {
        let message = format!("{iops} IOPS are more than {ratio} per GiB of {size} GiB");
        let hint =
            format!("use at least {} GiB, or at most {} IOPS", (iops + ratio - 1) / ratio, size.saturating_mul(ratio));
        ratio_error(cx, path(Part::Iops), (message, hint));
    }
    if kind != "gp3" {
        return throughput_without_effect(cx, volume, kind, path);
    }
    let throughput = volume.throughput.unwrap_or(0).max(125);
    if throughput.saturating_mul(4) > iops {
        let message = format!("{throughput} MiB/s are more than a quarter of {iops} IOPS");
        ratio_error(cx, path(Part::Throughput), (message, format!("use at least {} IOPS", throughput * 4)));
    }
}

fn throughput_without_effect(cx: &mut Checker<'_>, volume: &Volume<'_>, kind: &str, path: &impl Fn(Part) -> String) {
    if volume.throughput.is_some_and(|t| t > 0) {
        let message = format!("volumes of type {kind} have no configurable throughput");
        cx.strict(Rule::NoEffect, path(Part::Throughput), (message, "remove it, or use gp3"));
    }
}
