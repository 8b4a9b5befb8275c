// oidc-provider as a peer: node oidc_provider.mjs PACKAGE PORT REDIRECT_URI CLIENT SECRET yes|no
// The last word says whether claims of scopes are in the ID token, or in UserInfo alone.
const [folder, port, redirect, client, secret, inIdToken] = process.argv.slice(2);
const { Provider, default: byDefault } = await import(`${folder}/node_modules/oidc-provider/lib/index.js`);
const issuer = `http://127.0.0.1:${port}`;
const provider = new (Provider ?? byDefault)(issuer, {
  clients: [
    {
      client_id: client,
      client_secret: secret,
      redirect_uris: [redirect],
      post_logout_redirect_uris: [new URL("/ui/sign-in", redirect).href],
    },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["given_name", "family_name"],
    groups: ["groups"],
  },
  conformIdTokenClaims: inIdToken !== "yes",
  cookies: { keys: ["a key of the test"] },
  pkce: { required: () => true },
  async findAccount(ctx, id) {
    const told = { sub: id, email: `${id}@acme.test`, email_verified: true, given_name: "Ada", groups: ["eng"] };
    return { accountId: id, claims: async () => told };
  },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
