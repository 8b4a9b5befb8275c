/** The mark: a planet on its path around a sun of brass. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden>
      <ellipse
        cx="16"
        cy="16"
        rx="13.5"
        ry="6"
        stroke="var(--mantine-primary-color-filled)"
        strokeWidth="2"
        transform="rotate(-28 16 16)"
      />
      <circle cx="16" cy="16" r="5" fill="#d99a26" />
      <circle cx="27.2" cy="9.4" r="2.6" fill="var(--mantine-primary-color-filled)" />
    </svg>
  );
}
