#![allow(clippy::unwrap_used)]
use super::*;
use kopsform_cloudformation::ROOT_FILE;

const TEMPLATE: &str = r#"
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: Name, Value: a}, {Key: Owner, Value: b}]}
  SubnetA:
    Type: AWS::EC2::Subnet
    Properties: {CidrBlock: 10.0.1.0/24, VpcId: {Ref: Vpc}}
  LaunchTemplateNodes:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateName: nodes
      LaunchTemplateData:
        ImageId: ami-1
        UserData:
          Fn::Base64: |
            #!/bin/bash
            export A=1
  AutoScalingGroupNodes:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MaxSize: "2"
      LaunchTemplate: {LaunchTemplateId: {Ref: LaunchTemplateNodes}, Version: {"Fn::GetAtt": [LaunchTemplateNodes, LatestVersionNumber]}}
      Tags:
      - {Key: kops.k8s.io/instancegroup, PropagateAtLaunch: true, Value: nodes}
      - {Key: k8s.io/role/node, PropagateAtLaunch: true, Value: "1"}
      VPCZoneIdentifier: [{Ref: SubnetA}]
Outputs:
  VpcId: {Value: {Ref: Vpc}}
"#;

fn files(text: &str) -> Files {
    Files::from([(ROOT_FILE.to_owned(), text.as_bytes().to_vec())])
}

fn changed(from: &str, to: &str) -> Compared {
    assert!(TEMPLATE.contains(from));
    compare(&files(TEMPLATE), &files(&TEMPLATE.replace(from, to))).unwrap()
}

/// `address: action`, and the paths of arguments.
fn summary(compared: &Compared) -> Vec<(&str, Action, Vec<&str>)> {
    compared
        .resources
        .iter()
        .map(|resource| {
            let paths = resource.arguments.iter().map(|argument| argument.change.path.as_str()).collect();
            (resource.address.as_str(), resource.action, paths)
        })
        .collect()
}

#[test]
fn templates_that_mean_the_same_do_not_differ() {
    let reordered = TEMPLATE
        .replace("[{Key: Name, Value: a}, {Key: Owner, Value: b}]", "[{Key: Owner, Value: b}, {Key: Name, Value: a}]");
    assert!(compare(&files(TEMPLATE), &files(&reordered)).unwrap().is_empty());
}

#[test]
fn a_property_that_can_change_updates_its_resource_alone() {
    let compared = changed("Value: b}", "Value: c}");
    assert_eq!(summary(&compared), [("Vpc", Action::Update, vec!["Tags[Owner].Value"])]);
    assert!(compared.rolling_updates.is_empty() && compared.settings.is_empty());
}

#[test]
fn a_replacement_replaces_what_needs_the_id() {
    let compared = changed("10.0.0.0/16", "10.1.0.0/16");
    assert_eq!(
        summary(&compared),
        [
            ("AutoScalingGroupNodes", Action::Update, vec!["VPCZoneIdentifier"]),
            ("SubnetA", Action::CreateThenDestroy, vec!["VpcId"]),
            ("Vpc", Action::CreateThenDestroy, vec!["CidrBlock"]),
        ]
    );
    assert_eq!(compared.resources[1].arguments[0].change.because_of.as_deref(), Some("Vpc"));
}

#[test]
fn new_launch_template_data_need_a_rolling_update() {
    for (from, to, reason) in [("ami-1", "ami-2", "ImageId: ami-1 → ami-2"), ("A=1", "A=2", "A")] {
        let compared = changed(from, to);
        let group = &compared.resources[0];
        assert_eq!((group.address.as_str(), group.action), ("AutoScalingGroupNodes", Action::Update));
        assert_eq!(group.arguments[0].change.path, "LaunchTemplate.Version");
        let [update] = compared.rolling_updates.as_slice() else { panic!("{:?}", compared.rolling_updates) };
        assert_eq!((update.group.as_str(), update.by), ("nodes", ReplacedBy::RollingUpdate));
        assert!(update.reasons[0].contains(reason), "{:?}", update.reasons);
    }
    assert!(changed("MaxSize: \"2\"", "MaxSize: \"3\"").rolling_updates.is_empty());
}

#[test]
fn resources_outputs_and_files_of_the_store_are_added_and_removed() {
    let mut new = files(&TEMPLATE.replace("  VpcId: {Value: {Ref: Vpc}}", "  Other: {Value: x}"));
    new.insert("data/manifests/x.yaml".to_owned(), b"a: 1\n".to_vec());
    let compared = compare(&files(TEMPLATE), &new).unwrap();
    let settings: Vec<_> = compared.settings.iter().map(|s| (s.address.as_str(), s.action)).collect();
    assert_eq!(settings, [("output.Other", Action::Create), ("output.VpcId", Action::Destroy)]);
    assert_eq!((compared.files[0].path.as_str(), compared.files[0].action), ("manifests/x.yaml", Action::Create));
    let all = compare(&Files::new(), &files(TEMPLATE)).unwrap();
    assert!(all.resources.len() == 4 && all.resources.iter().all(|r| r.action == Action::Create));
    assert!(all.rolling_updates.is_empty());
    let none = compare(&files(TEMPLATE), &Files::new()).unwrap();
    assert!(none.resources.iter().all(|r| r.action == Action::Destroy));
}

#[test]
fn a_file_that_is_not_a_template_is_named() {
    let errors = compare(&files(TEMPLATE), &files("[")).unwrap_err();
    assert_eq!(errors[0].file, ROOT_FILE);
}
