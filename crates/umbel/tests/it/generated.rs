//! What is generated from the verbs: completions and manual pages.

use crate::process::{refused, said, succeed, umbel};

#[test]
fn every_shell_gets_its_completions() {
    for (shell, there) in [
        ("bash", "complete -F _umbel"),
        ("zsh", "#compdef umbel"),
        ("fish", "complete -c umbel"),
        ("elvish", "edit:completion"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let script = succeed(&["completions", shell]);
        assert!(script.contains(there) && script.contains("name-contains"), "{shell}: {script}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), succeed(&["completions", "bash"])).unwrap();
    let checked = std::process::Command::new("bash").arg("-n").arg(file.path()).output().unwrap();
    assert!(checked.status.success(), "{}", said(&checked.stderr));
}

#[test]
fn every_verb_gets_a_manual_page_without_secrets_of_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man/man1");
    let secret = "umb_secret-of-the-environment";
    let output = umbel(&["man", pages.to_str().unwrap()]).env("UMBEL_TOKEN", secret).output().unwrap();
    assert!(output.status.success(), "{}", said(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(pages.join(name)).unwrap();
    for name in ["umbel.1", "umbel-serve.1", "umbel-org.1", "umbel-org-list.1", "umbel-member-set-role.1", "umbel-completions.1"]
    {
        assert!(!read(name).contains(secret), "{name}");
    }
    assert!(read("umbel-org-list.1").contains("Only those whose name has this in it"));
    let taken = folder.path().join("file");
    std::fs::write(&taken, "").unwrap();
    assert!(refused(&["man", taken.to_str().unwrap()]).starts_with(&format!("umbel: cannot write to {}: ", taken.display())));
}

#[test]
fn help_shows_no_secret_of_the_environment() {
    for help in ["--help", "-h"] {
        let output = umbel(&["org", "list", help]).env("UMBEL_TOKEN", "umb_secret").output().unwrap();
        let text = said(&output.stdout);
        assert!(text.contains("UMBEL_TOKEN") && !text.contains("umb_secret"), "{text}");
    }
}
