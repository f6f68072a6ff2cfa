// Development sign-in: who one wants to be, without a password; it exists only where Berth runs on one's own machine.

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { limits } from "#wire/limits.ts";
import { loginSchema } from "#wire/tokens.ts";
import { signIn } from "../api/mutations.ts";
import { describeProblem } from "../api/problem.ts";
import { meQuery } from "../api/queries.ts";
import { Mark } from "../ui/brand.tsx";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { ThemeButton } from "../ui/theme-button.tsx";
import { useTitle } from "../ui/use-title.ts";
import { readReturnAddress } from "./return-address.ts";
import styles from "./sign-in-page.module.css";

const loginRule = "letters, digits and single hyphens between them, such as ada-lovelace.";

export function SignInPage() {
  useTitle("Sign in");
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { returnTo } = useSearch({ from: "/sign-in" });
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [isMistaken, setIsMistaken] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    setFailure(null);
    if (!loginSchema.safeParse(login).success || login === "") {
      setIsMistaken(true);
      document.getElementById("login")?.focus();
      return;
    }
    setIsBusy(true);
    try {
      await signIn(login, name.trim());
      queryClient.clear();
      await queryClient.ensureQueryData(meQuery);
      await navigate({ to: readReturnAddress(returnTo), replace: true });
    } catch (error) {
      setFailure(error);
    } finally {
      setIsBusy(false);
    }
  }

  const problem = failure === null ? null : describeProblem(failure);
  return (
    <div className={styles["page"]}>
      <div className={styles["theme"]}>
        <ThemeButton />
      </div>
      <main className={styles["card"]} id="main">
        <Mark size={44} />
        <h1>Sign in to Berth</h1>
        <p className={styles["lead"]}>A lab container of your own, with Docker inside, in this browser.</p>
        <p className={styles["development"]}>
          <strong>Development sign-in.</strong> No password is asked: whoever reaches this page can be anybody. It is on
          because Berth runs for development here.
        </p>
        <form className={styles["form"]} onSubmit={(event) => void submit(event)} noValidate>
          <label htmlFor="login">Login</label>
          <input
            id="login"
            name="login"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            maxLength={limits.loginChars}
            value={login}
            aria-invalid={isMistaken}
            aria-describedby="login-rule"
            onChange={(event) => {
              setLogin(event.target.value);
              setIsMistaken(false);
            }}
          />
          <p className={styles["rule"]} id="login-rule" data-mistaken={isMistaken}>
            {isMistaken ? <span role="alert">Use {loginRule}</span> : `Any name of ${loginRule}`}
          </p>
          <label htmlFor="name">
            Name <span className={styles["optional"]}>optional</span>
          </label>
          <input
            id="name"
            name="name"
            autoComplete="name"
            maxLength={limits.displayNameChars}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Button look="primary" type="submit" isBusy={isBusy}>
            {isBusy ? "Signing in" : "Sign in"}
          </Button>
          {problem === null ? null : <Notice tone="bad" title={problem.title} detail={problem.detail} isAlert />}
        </form>
      </main>
    </div>
  );
}
