// Berth's mark and name.

export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0f6e84" />
      <path d="M8 9.5h4.2v7.3a3.8 3.8 0 0 0 7.6 0V9.5H24v7.3a8 8 0 0 1-16 0Z" fill="#fff" />
      <path
        d="M6 26.2c1.7 0 1.7-1.2 3.3-1.2s1.7 1.2 3.4 1.2S14.3 25 16 25s1.7 1.2 3.3 1.2S21 25 22.7 25s1.6 1.2 3.3 1.2"
        fill="none"
        stroke="#9fe0ee"
        strokeWidth="1.6"
        strokeLinecap="round"
      />
    </svg>
  );
}
