const secrets = "secrets and certificates should not be made anew at every rendering";
const random =
  "its result is another one at every rendering, which would change the file each time";
const dates = "dates are not supported";
const urls = "URLs are not supported";

/** Functions of sprig and of confd's fork that a template cannot use, each with the reason. */
export const unsupported: ReadonlyMap<string, string> = new Map([
  ...named("randAlphaNum randAlpha randAscii randNumeric randBytes randInt shuffle uuidv4", random),
  ...named("now date date_in_zone dateInZone date_modify dateModify must_date_modify", dates),
  ...named("mustDateModify toDate mustToDate htmlDate htmlDateInZone ago duration", dates),
  ...named("durationRound unixEpoch", dates),
  ...named("bcrypt htpasswd genPrivateKey derivePassword buildCustomCert genCA", secrets),
  ...named("genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert", secrets),
  ...named("genSignedCertWithKey encryptAES decryptAES", secrets),
  ...named("urlParse urlJoin", urls),
  ...named("getHostByName", "its result is one address at random: use lookupIPV4"),
  ...named("include", "use `template` with `define` to include a part of this file"),
  ...named("cget cgets cgetv cgetvs", "confd has removed it: encrypted values are not supported"),
]);

function named(names: string, reason: string): readonly (readonly [string, string])[] {
  return names.split(" ").map((name) => [name, reason]);
}
