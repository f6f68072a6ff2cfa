// Constants that the bundler replaces; see wrangler.toml.

declare const __DEV_SIGN_IN__: boolean;
