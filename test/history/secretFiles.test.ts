import { describe, expect, it } from 'vitest';
import { Exclusion } from '../../server/history/exclusion.ts';
import { defaultSettings } from '../../server/settings/settings.ts';

const exclusion = new Exclusion(defaultSettings);
const reason = (name: string) =>
  exclusion.nameReason(`file:///home/me/project/${encodeURI(name).replaceAll('#', '%23')}`);

/** Files that usual tools keep secrets in, by whose they are. */
const files: Readonly<Record<string, string>> = {
  environment: '.env .env.local .env.production prod.env .envrc .dev.vars .dev.vars.production .flaskenv .secrets',
  keys: 'a.pem a.key a.p8 a.p12 a.pfx a.ppk a.jks a.keystore a.keytab a.gpg a.age id_rsa id_ed25519 id_ecdsa.pub deploy_rsa .ssh/config .ssh/known_hosts .gnupg/gpg.conf ssh_host_rsa_key config/master.key key.properties keystore.properties sops/age/keys.txt a.mobileprovision',
  passwordManagers:
    'a.kdbx a.kdb login.keychain-db .password-store/a.gpg /dev/shm/pass.Xa81bcYz12345/mail-x.txt T/pass.Ab12CdEf34GhI/a.txt gopass-edit123 1password-credentials.json bitwarden_export.json a.1pux logins.json',
  vaults:
    'vault.yml vault.yaml group_vars/all/vault.yml .vault-token .vault_pass .vault_pass.txt vault_password a.vault',
  clouds:
    '.aws/credentials .aws/config .boto .s3cfg .config/gcloud/application_default_credentials.json application_default_credentials.json client_secret_1.json service-account.json my-service-account-key.json gcp-key.json x-firebase-adminsdk-1.json gha-creds-1.json .azure/accessTokens.json a.publishsettings .oci/config .config/doctl/config.yaml .databrickscfg .snowsql/config rclone.conf .config/rclone/rclone.conf .passwd-s3fs .cloudflared/cert.json .edgerc .config/hcloud/cli.toml',
  containers:
    '.dockercfg .docker/config.json .kube/config kubeconfig kubeconfig.yaml prod.tfvars terraform.tfstate terraform.tfstate.backup .terraformrc credentials.tfrc.json Pulumi.prod.yaml talosconfig containers/auth.json',
  registries:
    '.npmrc .yarnrc.yml .pypirc pip.conf .gem/credentials .bundle/config .cargo/credentials.toml .m2/settings.xml .gradle/gradle.properties NuGet.Config .composer/auth.json',
  codeHosting:
    '.git-credentials .config/git/credentials .netrc _netrc .authinfo .authinfo.gpg .config/gh/hosts.yml .config/glab-cli/config.yml .config/github-copilot/hosts.json .huggingface/token .kaggle/kaggle.json .sentryclirc .git/config .git/COMMIT_EDITMSG',
  databases: '.pgpass pgpass.conf .pg_service.conf .my.cnf .mylogin.cnf .mongorc.js',
  histories:
    '.bash_history .zsh_history .histfile .local/share/fish/fish_history ConsoleHost_history.txt .python_history .node_repl_history .irb_history .mysql_history .psql_history .sqlite_history .rediscli_history .viminfo .lesshst',
  webServers: '.htpasswd passwd shadow sudoers',
  networks:
    'a.ovpn wg0.conf wireguard/a.conf wpa_supplicant.conf home.nmconnection ipsec.secrets chap-secrets .smbcredentials sftp-config.json .ftpconfig sitemanager.xml WinSCP.ini ngrok.yml',
  mail: '.msmtprc .fetchmailrc .mbsyncrc .offlineimaprc sasl_passwd',
  frameworks:
    'credentials credentials.json credentials.yml credentials.xml config/credentials.yml.enc secret.yaml secret.yml secrets.yaml secrets.json secrets.toml secrets.prod.yaml db-secret.yaml app.secret passwords.txt token.json application-prod.properties application-production.yml application-local.yml appsettings.Production.json appsettings.Staging.json local.settings.json wp-config.php config/database.yml .streamlit/secrets.toml local_settings.py',
  copies:
    '#.env# .#.env .env~ .env.~1~ ..env.swp .netrc.swp .netrc.bak id_rsa.old secrets.yaml.orig credentials.json~ #!home!me!.netrc# #secrets.yaml# .my.cnf.save a.pem.bak',
};

describe.each(Object.entries(files))('secrets of %s', (_, names) => {
  it.each(names.split(' '))('%s is kept out', (name) => {
    expect(reason(name)).toBe('may hold secrets, by its name');
  });
});

it.each(
  (
    'src/environment.ts src/credentials.ts internal/credentials/spiffe.go credentials/jwt/a.go src/secrets.py secret.go keys.ts ' +
    'key.ts keyboard.tsx token.ts tokens.css tokenizer.py password.rb passwords.go vault.ts vault/api.go vault.tf history.ts ' +
    'bash_history.rs application.properties application.yml application-test.yml appsettings.json appsettings.Development.json ' +
    'settings.py config.json docker-compose.yml Dockerfile service.yaml values.yaml service-account.ts wg.go gcloud.ts aws/client.go ' +
    'hub.ts src/hub/index.ts shadow.css passwd.c auth.json.ts connections.ts pass.ts a.bak .gitignore .vscode/settings.json wallet.ts book/ch01.asc lib/wallet/index.ts gcloud/a.py pkg/shadow/dom.ts'
  ).split(' '),
)('%s is let in', (name) => {
  expect(reason(name)).toBeUndefined();
});

it('most usual names are there', () => {
  expect(Object.values(files).join(' ').split(' ').length).toBeGreaterThan(192);
});
