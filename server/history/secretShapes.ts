/**
 * The shapes of keys, tokens and passwords, as their makers document them and as scanners such as gitleaks
 * (github.com/gitleaks/gitleaks, config/gitleaks.toml) collect them. Only distinctive shapes: text that merely looks
 * random is most often a hash. A shape matches as soon as enough of a token is there to recognise it, because a token
 * may arrive in pieces: what passes before that is too little to be useful.
 */

const tick = '`';

/** By their first characters. */
const prefixed: readonly string[] = [
  // Clouds and hosting
  String.raw`(?:AKIA|ASIA|ABIA|ACCA)(?=[A-Z]*[2-7])[A-Z2-7]{10,}`,
  String.raw`ABSK[A-Za-z0-9+/]{32,}={0,2}`,
  String.raw`bedrock-api-key-[\w+/=-]{8,}`,
  String.raw`AIza[\w-]{24,}`,
  String.raw`ya29\.[\w-]{8,}`,
  String.raw`GOCSPX-[\w-]{8,}`,
  String.raw`1//0[\w-]{24,}`,
  String.raw`[\w~.]{3}\dQ~[\w~.-]{20,}`,
  String.raw`[A-Za-z0-9]{52,76}(?:JQQJ99|AZDO)[A-Za-z0-9]{4,}`,
  String.raw`LTAI(?=[A-Za-z]*\d)[A-Za-z0-9]{12,}`,
  String.raw`AKID(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}`,
  String.raw`do[opr]_v1_[a-f0-9]{8,}`,
  String.raw`HRKU-[\w-]{8,}`,
  String.raw`(?:fo1_|fm1[ar]_|fm2_)[\w+/=-]{16,}`,
  String.raw`nfp_[A-Za-z0-9]{16,}`,
  String.raw`vercel_blob_rw_\w{8,}`,
  String.raw`rnd_[A-Za-z0-9]{24,}`,
  String.raw`sbp_[a-f0-9]{8,}`,
  String.raw`sb_secret_[\w-]{8,}`,
  String.raw`pscale_(?:tkn|oauth|pw)_[\w=.-]{8,}`,
  String.raw`npg_(?=[A-Za-z]*\d)[A-Za-z0-9]{10,}`,
  String.raw`dapi[a-f0-9]{16,}(?:-\d)?`,
  String.raw`v1\.0-[a-f0-9]{24}-[a-f0-9]{8,}`,
  String.raw`tskey-[a-z]+-[\w-]{8,}`,
  String.raw`ovh?[sc]_(?=[A-Za-z]*\d)[A-Za-z0-9]{24,}`,
  String.raw`tk-us-[\w-]{24,}`,
  String.raw`sha256~[\w-]{20,}`,
  String.raw`t1\.[\w-]+={0,2}\.[\w-]{40,}={0,2}`,
  String.raw`AQVN[\w-]{30,}`,
  // Code hosting, registries, builds
  String.raw`gh[pousr]_[A-Za-z0-9]{8,}`,
  String.raw`github_pat_\w{8,}`,
  String.raw`gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-[\w.-]{8,}`,
  String.raw`GR1348941[\w-]{8,}`,
  String.raw`ATATT3[\w=-]{8,}`,
  String.raw`ATCTT3[\w=-]{8,}`,
  String.raw`ATBB[A-Za-z0-9]{24,}`,
  String.raw`npm_(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}`,
  String.raw`pypi-AgE[\w-]{8,}`,
  String.raw`rubygems_[a-f0-9]{8,}`,
  String.raw`CLOJARS_(?=[a-z]*\d)[a-z0-9]{16,}`,
  String.raw`cio(?=[A-Za-z]*\d)[A-Za-z0-9]{32}(?![A-Za-z0-9])`,
  String.raw`oy2[a-z0-9]{43}(?![A-Za-z0-9])`,
  String.raw`dckr_(?:pat|oat)_[\w-]{8,}`,
  String.raw`AKCp[A-Za-z0-9]{32,}`,
  String.raw`cmVmd[A-Za-z0-9]{48,}`,
  String.raw`CCIP(?:AT|RJ)_[\w-]{16,}`,
  String.raw`bkua_[a-f0-9]{16,}`,
  String.raw`sgp_(?:(?:[a-f0-9]{16}|local)_)?[a-f0-9]{16,}`,
  String.raw`pul-[a-f0-9]{16,}`,
  String.raw`[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{8,}`,
  String.raw`hv[sbr]\.[\w-]{16,}`,
  String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{8,}`,
  String.raw`A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9-]{5,}`,
  String.raw`ops_eyJ[\w+/=-]{8,}`,
  String.raw`AGE-SECRET-KEY-1[A-Z0-9]{8,}`,
  // Models
  String.raw`sk-(?:ant|proj|svcacct|admin|None|or-v1|lf)-[\w-]{8,}`,
  String.raw`sk-(?=[A-Za-z]*\d)(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{20,}`,
  String.raw`sk-[a-f0-9]{24,}`,
  String.raw`hf_(?=[a-z]*[A-Z])(?=[A-Z]*[a-z])[A-Za-z]{24,}`,
  String.raw`r8_(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}`,
  String.raw`gsk_(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}`,
  String.raw`xai-(?=[A-Za-z]*\d)[A-Za-z0-9]{24,}`,
  String.raw`pplx-(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}`,
  String.raw`nvapi-[\w-]{16,}`,
  String.raw`lsv2_(?:pt|sk)_[a-f0-9]{8,}`,
  String.raw`pcsk_\w{16,}`,
  String.raw`tvly-(?=[A-Za-z-]*\d)[\w-]{16,}`,
  // Messages and mail
  String.raw`xox[abeoprs]-(?:\d|(?=[A-Za-z-]*\d)[A-Za-z0-9-]{8})[A-Za-z0-9-]{7,}`,
  String.raw`xoxe\.xox[bp]-[A-Za-z0-9-]{8,}`,
  String.raw`xapp-\d-[A-Za-z0-9-]{8,}`,
  String.raw`SG\.[\w-]{8,}\.[\w-]{8,}`,
  String.raw`key-[a-f0-9]{20,}`,
  String.raw`[a-f0-9]{32}-us\d{1,2}(?![A-Za-z0-9])`,
  String.raw`x(?:key|smtp)sib-[a-f0-9]{8,}(?:-[A-Za-z0-9]+)?`,
  String.raw`SK[a-f0-9]{20,32}(?![A-Za-z0-9])`,
  String.raw`\d{8,10}:AA[\w-]{20,}`,
  String.raw`[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{8,}`,
  // Money and shops
  String.raw`[sr]k_(?:test|live|prod)_(?:(?=[A-Za-z]*\d)[A-Za-z0-9]{8,}|(?=[a-z]*[A-Z])(?=[A-Z]*[a-z])[A-Za-z]{20,})`,
  String.raw`whsec_(?=[A-Za-z+/]*\d)[A-Za-z0-9+/=]{12,}`,
  String.raw`sq0(?:atp|csp|idp)-[\w-]{8,}`,
  String.raw`EAAA[\w-]{48,}`,
  String.raw`EAA[A-Z][A-Za-z0-9]{64,}`,
  String.raw`shp(?:at|ca|pa|ss)_[a-fA-F0-9]{8,}`,
  String.raw`access_token\$(?:production|sandbox)\$[a-z0-9]{8,}(?:\$[a-f0-9]+)?`,
  String.raw`access-(?:sandbox|development|production)-[a-f0-9]{8}-[a-f0-9-]{8,}`,
  String.raw`EZ[AT]K[A-Za-z0-9]{40,}`,
  String.raw`(?:duffel|shippo)_(?:test|live)_[\w=-]{16,}`,
  String.raw`FLWSECK(?:_TEST)?-[a-zA-Z0-9-]{12,}`,
  // Watching, planning, drawing
  String.raw`sntry[su]_[\w+/=]{16,}`,
  String.raw`NR(?:AK|II|RA|AL|BR)-[A-Za-z0-9-]{12,}`,
  String.raw`gl(?:c|sa)_(?=[A-Za-z+/=_]*\d)[\w+/=]{20,}`,
  String.raw`phx_[A-Za-z0-9]{16,}`,
  String.raw`PMAK-[a-f0-9]{8,}(?:-[a-f0-9]+)?`,
  String.raw`dt0[a-z]\d\d\.[A-Z0-9]{8,}(?:\.[A-Z0-9]+)?`,
  String.raw`lin_(?:api|oauth)_[A-Za-z0-9]{8,}`,
  String.raw`ntn_\d{8,}[A-Za-z0-9]*`,
  String.raw`secret_(?=[A-Za-z]*\d)(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{32,}`,
  String.raw`pat[A-Za-z0-9]{14}\.[a-f0-9]{8,}`,
  String.raw`fig[douhr]_(?=[A-Za-z_-]*\d)[\w-]{20,}`,
  String.raw`CFPAT-[\w-]{16,}`,
  String.raw`sl\.(?:u\.)?(?=[A-Za-z_-]*\d)[\w-]{60,}`,
  String.raw`tfp_[\w.-]{40,}`,
  String.raw`(?:sdk|mob|api)-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}(?![\w-])`,
  String.raw`sk\.eyJ[\w-]{16,}(?:\.[\w-]*)?`,
  String.raw`p8e-[a-z0-9]{24,}`,
  String.raw`django-insecure-[^\s"'${tick}]{8,}`,
  String.raw`eyJrIjoi[\w+/=-]{16,}`,
  // JSON Web Tokens: two of JSON, or the first keys of a header
  String.raw`eyJ[\w-]{8,}\.eyJ[\w-]*(?:\.[\w-]*)?`,
  String.raw`eyJ(?:hbGciOi|0eXAiOi|raWQiOi|lbmMiOi|jdHkiOi|4NXQiOi)[\w-]+(?:\.[\w-]*){0,4}`,
];

/** By the text before them, which is not part of them: the secret is the group, at the end. */
const named: readonly string[] = [
  String.raw`(?:secret_?access_?key|aws_?secret(?:_?key)?|aws_?session_?token)["'\s:=>,]{1,8}((?=[A-Za-z+/]*\d)(?=[a-z0-9+/]*[A-Z])[A-Za-z0-9/+]{16,}={0,2})`,
  String.raw`(?:AccountKey|SharedAccessKey|SharedSecretValue)=([A-Za-z0-9+/]{8,}={0,2})`,
  String.raw`(?:Private|Preshared)Key\s{0,4}=\s{0,4}((?=[A-Za-z+/]*\d)[A-Za-z0-9+/]{16,}=?)`,
  String.raw`Authorization["'\])]{0,3}\s{0,4}[:=,]\s{0,4}["'${tick}]?(?:Bearer|Basic|Token|ApiKey)\s+((?=[A-Za-z+/._~-]*\d)[A-Za-z0-9+/._~-]{16,}=*)`,
  String.raw`:_(?:authToken|auth|password)\s{0,4}=\s{0,4}([^\s"'$]{8,})`,
  String.raw`SSWS ([\w-]{20,})`,
  String.raw`hooks\.slack\.com\/(?:services|workflows|triggers)\/([\w/+]{8,})`,
  String.raw`discord(?:app)?\.com\/api\/webhooks\/(\d{8,}\/[\w-]{8,})`,
  String.raw`\.webhook\.office\.com\/webhookb2\/([\w@/-]{8,})`,
  String.raw`[?&](?:sig|X-Amz-Signature|X-Goog-Signature)=((?=[A-Za-z%+/]*\d)[A-Za-z0-9%+/=]{24,})`,
];

/** A URL as far as its password; the name before that may be empty. */
const urlUser = String.raw`[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/:@"'${tick}<>()[\]{}]{0,100}):`;

/** Such passwords are no secrets: variables, names for a password, and values used in examples. */
const placeholder =
  /^(?:[$%{<*.\\#:[]|(?:x+|pass(?:w(?:or)?d)?|pwd|pw|secret|token|test|guest|admin|root|user|changeme|(?:your|my|some)\w*|password\d*|postgres|mysql|redis|foo|bar|baz|example|api_?key|password_?here)$)|\$\{|\{\{|%[sdv]/i;
const isPassword = (match: readonly string[]) => {
  const [, user = '', password = ''] = match;
  return password !== user && !placeholder.test(password);
};

export interface SecretShape {
  /** Global. The secret is the last group that matched, which is at the end of the match, or the whole match. */
  readonly pattern: RegExp;
  readonly isSecret?: (match: readonly string[]) => boolean;
}

/** Not within a longer word, where it is only a part of that word. */
export const token: SecretShape = { pattern: new RegExp(String.raw`(?<![A-Za-z0-9])(?:${prefixed.join('|')})`, 'g') };

export const namedSecret: SecretShape = { pattern: new RegExp(named.join('|'), 'gi') };
/** A cheap test that every match of `namedSecret` passes. */
export const nameOfSecret = /key|secret|session|authorization|:_|hooks|signature|sig=|SSWS/i;

export const urlPassword: SecretShape = {
  pattern: new RegExp(String.raw`${urlUser}([^\s/@"'${tick}<>]{3,200})(?=@)`, 'g'),
  isSecret: isPassword,
};

/** A password in a URL that is still being typed, so that there is no `@` yet; a port is not a password. */
export const begunUrlPassword: SecretShape = {
  pattern: new RegExp(
    String.raw`${urlUser}((?!\d{1,5}(?![^\s/"'${tick}<>]))[^\s/@"'${tick}<>]{3,200})(?![^\s"'${tick}<>])`,
    'g',
  ),
  isSecret: (match) => match[1] !== '' && isPassword(match),
};

/** What may be between the lines of a key: line breaks, also as escapes in code, comment marks and quotes. */
const between = String.raw`(?:\\[rn]|[\s"'#*>|,;\\])`;
const base64 = '[A-Za-z0-9+/=]';

/**
 * The body of a private key in PEM or OpenPGP armour, from its first characters on. The header alone, as in code that
 * reads keys, does not count, nor does a name that follows it there.
 */
export const privateKey: SecretShape = {
  pattern: new RegExp(
    `-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----${between}*(?:[A-Za-z-]+: [^\\n]*${between}+)*` +
      `(${base64}{8,}(?!${base64}*[(._[])(?:${between}+${base64}{16,})*(?:${between}+${base64}+(?=${between}*-----END))?)`,
    'g',
  ),
};
