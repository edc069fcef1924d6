//! Well-known facts, so that a change of the generator that loses some is noticed.

use super::*;

const KNOWN: Support = Support::Known { locked: None };

#[test]
fn feature_gates_come_lock_and_go() {
    let gate = |minor, name| feature_gate(Component::ApiServer, minor, name);
    assert_eq!(gate(36, "TTLAfterFinished"), Support::Removed { minor: 25 });
    assert_eq!(gate(31, "DynamicKubeletConfig"), Support::Removed { minor: 26 });
    assert_eq!(gate(31, "CSIMigrationAWS"), Support::Removed { minor: 27 });
    // Off by default, then on, then locked.
    assert_eq!(gate(32, "ImageVolume"), KNOWN);
    assert_eq!(gate(35, "ImageVolume"), KNOWN);
    assert_eq!(gate(36, "ImageVolume"), Support::Known { locked: Some(true) });
    assert_eq!(gate(36, "GitRepoVolumeDriver"), Support::Known { locked: Some(false) });
    // Removed within the releases that are run.
    assert_eq!(gate(32, "AppArmor"), Support::Known { locked: Some(true) });
    assert_eq!(gate(36, "AppArmor"), Support::Removed { minor: 33 });
    assert_eq!(gate(31, "DRAPrioritizedList"), Support::NotYet { minor: 33 });
    assert_eq!(gate(33, "DRAPrioritizedList"), KNOWN);
    for minor in MINORS {
        assert_eq!(gate(minor, "AllAlpha"), KNOWN);
        assert_eq!(gate(minor, "AllBeta"), KNOWN);
    }
}

#[test]
fn a_misspelled_name_has_the_nearest_one_the_release_knows() {
    let gate = |minor, name| feature_gate(Component::Kubelet, minor, name);
    assert_eq!(gate(31, "NoSuchGate"), Support::Unknown { nearest: None });
    assert_eq!(gate(36, "ImageVolumes"), Support::Unknown { nearest: Some("ImageVolume") });
    assert_eq!(gate(31, "DRAPrioritisedList"), Support::Unknown { nearest: None }, "it comes with 1.33");
    assert_eq!(admission_plugin(36, "AlwaysPulImages"), Support::Unknown { nearest: Some("AlwaysPullImages") });
}

#[test]
fn components_have_the_same_feature_gates_but_for_their_libraries() {
    let gate = |component| feature_gate(component, 36, "ControllerManagerReleaseLeaderElectionLockOnExit");
    assert_eq!(gate(Component::ControllerManager), KNOWN);
    assert_eq!(gate(Component::Scheduler), Support::Unknown { nearest: None });
    for component in Component::ALL {
        assert_eq!(feature_gate(component, 36, "ContextualLogging"), KNOWN, "{}", component.name());
    }
}

#[test]
fn admission_plugins_that_old_specs_name() {
    for (name, minor) in
        [("PodSecurityPolicy", 25), ("PersistentVolumeLabel", 31), ("Initializers", 14), ("SecurityContextDeny", 30)]
    {
        assert_eq!(admission_plugin(36, name), Support::Removed { minor }, "{name}");
    }
    assert_eq!(admission_plugin(31, "MutatingAdmissionPolicy"), Support::NotYet { minor: 32 });
    for minor in MINORS {
        // Those that the defaults switch on.
        for name in ["DefaultStorageClass", "NodeRestriction", "RuntimeClass", "ValidatingAdmissionPolicy"] {
            assert_eq!(admission_plugin(minor, name), KNOWN, "{name} in 1.{minor}");
        }
    }
}

#[test]
fn api_versions_of_each_group() {
    assert_eq!(api_version(36, "batch/v1"), KNOWN);
    assert_eq!(api_version(36, "v1"), KNOWN);
    assert_eq!(api_version(31, "apiextensions.k8s.io/v1"), KNOWN);
    assert_eq!(api_version(31, "batch/v2alpha1"), Support::Removed { minor: 21 });
    assert_eq!(api_version(36, "settings.k8s.io/v1alpha1"), Support::Removed { minor: 20 });
    assert_eq!(api_version(31, "resource.k8s.io/v1beta1"), Support::NotYet { minor: 32 });
    assert_eq!(api_version(36, "resource.k8s.io/v1beta1"), KNOWN);
}

#[test]
fn flags_of_each_component() {
    let removed = [
        (Component::Kubelet, "enable-custom-metrics", 11),
        (Component::Kubelet, "image-pull-progress-deadline", 24),
        (Component::Kubelet, "reconcile-cidr", 6),
        (Component::Kubelet, "babysit-daemons", 7),
        (Component::Kubelet, "seccomp-profile-root", 23),
        (Component::Kubelet, "register-schedulable", 34),
        (Component::Kubelet, "pod-infra-container-image", 35),
        (Component::ControllerManager, "pod-eviction-timeout", 27),
        (Component::ControllerManager, "horizontal-pod-autoscaler-downscale-delay", 31),
        (Component::ApiServer, "cloud-provider", 33),
        (Component::ApiServer, "basic-auth-file", 19),
    ];
    for (component, name, minor) in removed {
        assert_eq!(flag(component, 36, name), Support::Removed { minor }, "{name}");
        assert_eq!(flag(component, minor - 1, name), KNOWN, "{name}");
    }
    for minor in MINORS {
        // One that all take from a library, one whose name is put together, one that is written with underscores.
        for component in Component::ALL {
            assert_eq!(flag(component, minor, "v"), KNOWN, "{}", component.name());
        }
        assert_eq!(flag(Component::ApiServer, minor, "audit-webhook-batch-max-size"), KNOWN);
        assert_eq!(flag(Component::ControllerManager, minor, "concurrent-rc-syncs"), KNOWN);
    }
    assert_eq!(flag(Component::Kubelet, 36, "image-minimum-gc-age"), Support::Unknown { nearest: None });
}
