//! cursorcore-lsp in Zed: finds the server, or has Zed install it, and hands it the user's settings.

use std::env;
use zed_extension_api::{
    self as zed,
    serde_json::{json, Value},
    settings::{CommandSettings, LspSettings},
    Command, LanguageServerId, LanguageServerInstallationStatus as Status, Result, Worktree,
};

/// The server's command, and its name on npm.
const SERVER: &str = "cursorcore-lsp";
/// What npm installs of it, from the extension's own folder.
const ENTRY: &str = "node_modules/cursorcore-lsp/dist/main.js";
/// The section that the server asks for by `workspace/configuration`.
const SECTION: &str = "cursorcore";
/// A setting of the extension's own, beside those of the server: what npm shall install of it, a version or an address.
const INSTALL: &str = "install";

struct CursorCore {
    /// What was installed since Zed was started, so that npm runs once for it.
    installed: Option<String>,
}

impl zed::Extension for CursorCore {
    fn new() -> Self {
        Self { installed: None }
    }

    /// Zed itself takes `binary.path` where that is set, and then does not ask.
    fn language_server_command(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let settings = LspSettings::for_worktree(id.as_ref(), worktree)?;
        let mut env = worktree.shell_env();
        if let Some(given) = settings.binary.as_ref().and_then(|binary| binary.env.as_ref()) {
            env.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        let args = arguments(settings.binary.as_ref());
        if let Some(command) = worktree.which(SERVER) {
            return Ok(Command { command, args, env });
        }
        let version = wanted_version(settings.settings.as_ref()).ok_or_else(missing)?;
        let entry = self.install(id, &version)?;
        Ok(Command {
            command: zed::node_binary_path()?,
            args: [entry].into_iter().chain(args).collect(),
            env,
        })
    }

    fn language_server_initialization_options(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Option<Value>> {
        let settings = LspSettings::for_worktree(id.as_ref(), worktree)?;
        // Some settings are read when the server starts, before it can ask.
        Ok(settings.initialization_options.or_else(|| Some(own(settings.settings))))
    }

    fn language_server_workspace_configuration(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Option<Value>> {
        let settings = LspSettings::for_worktree(id.as_ref(), worktree)?;
        Ok(Some(json!({ SECTION: own(settings.settings) })))
    }
}

impl CursorCore {
    /// Has npm install `version` of the server, once. Gives the absolute path of its entry.
    fn install(&mut self, id: &LanguageServerId, version: &str) -> Result<String> {
        let is_there = zed::npm_package_installed_version(SERVER)?;
        if self.installed.as_deref() != Some(version) && is_there.as_deref() != Some(version) {
            zed::set_language_server_installation_status(id, &Status::Downloading);
            if let Err(why) = zed::npm_install_package(SERVER, version) {
                let message = format!("npm could not install {SERVER}@{version}: {why}");
                zed::set_language_server_installation_status(id, &Status::Failed(message.clone()));
                return Err(message);
            }
            zed::set_language_server_installation_status(id, &Status::None);
            self.installed = Some(version.to_string());
        }
        let folder = env::current_dir().map_err(|error| format!("the extension's folder is not to be had: {error}"))?;
        Ok(folder.join(ENTRY).to_string_lossy().into_owned())
    }
}

/// How the server is started: as the user says, or to speak over standard input and output.
fn arguments(binary: Option<&CommandSettings>) -> Vec<String> {
    binary
        .and_then(|binary| binary.arguments.clone())
        .unwrap_or_else(|| vec!["--stdio".to_string()])
}

/// The server's settings, without the extension's own.
fn own(settings: Option<Value>) -> Value {
    let mut settings = settings.unwrap_or_else(|| json!({}));
    if let Some(settings) = settings.as_object_mut() {
        settings.remove(INSTALL);
    }
    settings
}

/// What npm shall install. Nothing by itself: while the server is not on the npm registry, anyone could put a package of its name there.
fn wanted_version(settings: Option<&Value>) -> Option<String> {
    settings?.get(INSTALL)?.as_str().map(str::to_string)
}

fn missing() -> String {
    format!(
        "{SERVER} is not on the PATH that Zed sees. Install it, or name it in Zed's settings as \
         \"lsp\": {{ \"{SERVER}\": {{ \"binary\": {{ \"path\": \"…\", \"arguments\": [\"--stdio\"] }} }} }}."
    )
}

zed::register_extension!(CursorCore);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_speaks_over_standard_input_unless_the_user_says_otherwise() {
        assert_eq!(arguments(None), ["--stdio"]);
        let given = CommandSettings {
            path: None,
            arguments: Some(vec!["--log-file".into(), "log".into()]),
            env: None,
        };
        assert_eq!(arguments(Some(&given)), ["--log-file", "log"]);
        let silent = CommandSettings {
            arguments: None,
            ..given
        };
        assert_eq!(arguments(Some(&silent)), ["--stdio"]);
    }

    #[test]
    fn the_server_gets_its_settings_and_not_those_of_the_extension() {
        assert_eq!(own(None), json!({}));
        let settings = json!({ "engine": "pattern", "install": "0.1.0" });
        assert_eq!(own(Some(settings)), json!({ "engine": "pattern" }));
    }

    #[test]
    fn nothing_is_installed_that_the_user_has_not_named() {
        assert_eq!(wanted_version(None), None);
        assert_eq!(wanted_version(Some(&json!({ "engine": "pattern" }))), None);
        assert_eq!(wanted_version(Some(&json!({ "install": true }))), None);
        assert_eq!(
            wanted_version(Some(&json!({ "install": "0.1.0" }))),
            Some("0.1.0".to_string())
        );
    }
}
