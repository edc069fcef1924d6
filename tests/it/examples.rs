//! The examples work, and Terraform accepts their output.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::terraform::Terraform;
use crate::support::{files, give_keys, kopsform, root, stdout, succeed};

/// A copy of an example, to write to.
struct Example(tempfile::TempDir);

impl Example {
    fn of(name: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let example = root().join("examples").join(name);
        for (file, content) in files(&example) {
            // Output of earlier runs is not part of the example.
            let made = ["state/", "out/", "clusters/", "2-kops/preview/out/", "2-kops/preview/state/", ".terraform"];
            if !made.iter().any(|part| file.starts_with(part)) && !file.contains("/.terraform") {
                let path = directory.path().join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
        }
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `sync --offline` on a directory of the example; returns its output.
    fn sync(&self, project: &str) -> String {
        let mut command = kopsform(self.0.path());
        command.current_dir(self.0.path()).args(["sync", "--offline", "--project", project]);
        stdout(&succeed(&mut command))
    }
}

#[test]
fn the_demos_project_ends_with_kubernetes_tf() {
    let example = Example::of("leverage");
    give_keys(&example.path("2-kops/preview/state"), "k1.devstg.aws.example.com");
    let said = example.sync("2-kops/preview");
    assert!(said.ends_with("\nkubernetes.tf: 2-kops/preview/out/kubernetes.tf\n"), "{said}");
    let Some(terraform) = Terraform::find() else { return };
    terraform.assert_formatted(&example.path(""));
    terraform.validates(&example.path("2-kops/preview/out"));
}

#[test]
fn kubernetes_tf_is_written_next_to_existing_configuration() {
    let example = Example::of("leverage");
    let config = fs::read(example.path("2-kops/config.tf")).unwrap();
    // The outputs and facts of the preview, in the layer itself.
    for file in ["outputs.json", "kopsform.lock"] {
        fs::rename(example.path("2-kops/preview").join(file), example.path("2-kops").join(file)).unwrap();
    }
    let project = fs::read_to_string(example.path("2-kops/kopsform.yaml")).unwrap();
    let project = project.replace("terraform: ../1-prerequisites", "file: outputs.json");
    let store = "s3://k1-devstg-aws-example-com-kops-state";
    assert!(project.contains(store), "{project}");
    fs::write(example.path("2-kops/kopsform.yaml"), project.replace(store, "state")).unwrap();
    give_keys(&example.path("2-kops/state"), "k1.devstg.aws.example.com");
    let said = example.sync("2-kops");
    assert!(said.ends_with("\nkubernetes.tf: 2-kops/kubernetes.tf\n"), "{said}");
    let written = fs::read_to_string(example.path("2-kops/kubernetes.tf")).unwrap();
    assert!(!written.contains("\nprovider ") && !written.contains("\nterraform {"), "{written}");
    assert_eq!(fs::read(example.path("2-kops/config.tf")).unwrap(), config);
    let Some(terraform) = Terraform::find() else { return };
    terraform.assert_formatted(&example.path("2-kops"));
    terraform.validates(&example.path("2-kops"));
}

#[test]
fn the_smallest_project_is_valid() {
    let example = Example::of("minimal");
    example.sync(".");
    let Some(terraform) = Terraform::find() else { return };
    terraform.assert_formatted(&example.path("out"));
    terraform.validates(&example.path("out"));
}

/// Without the provider, Terraform cannot say whether it is valid.
#[test]
fn the_smallest_project_on_google_cloud_is_formatted() {
    let example = Example::of("gce-minimal");
    example.sync(".");
    let written = fs::read_to_string(example.path("out/kubernetes.tf")).unwrap();
    assert!(written.contains("\nprovider \"google\" {") && !written.contains("aws"), "{written}");
    let Some(terraform) = Terraform::find() else { return };
    terraform.assert_formatted(&example.path("out"));
}

#[test]
fn one_module_serves_two_clusters() {
    let example = Example::of("module");
    let modules = ["blue", "green"].map(|cluster| {
        give_keys(&example.path("state"), &format!("{cluster}.k8s.local"));
        let said = example.sync(cluster);
        assert!(said.contains(&format!("Terraform files: {cluster}/../clusters/{cluster}")), "{said}");
        let directory = example.path("clusters").join(cluster);
        let data = files(&directory.join("data"));
        assert!(data.keys().any(|name| name.contains("user_data")), "{:?}", data.keys());
        module_files(&directory)
    });
    // Except for the defaults, which are those of the module's cluster.
    assert_eq!(modules[0], modules[1]);
    let Some(terraform) = Terraform::find() else { return };
    terraform.assert_formatted(&example.path(""));
    terraform.validates(&example.path(""));
}

fn module_files(directory: &Path) -> BTreeMap<String, String> {
    let all = files(directory).into_iter().filter(|(name, _)| name.ends_with(".tf") && name != "variables.tf");
    all.map(|(name, content)| (name, String::from_utf8(content).unwrap())).collect()
}
