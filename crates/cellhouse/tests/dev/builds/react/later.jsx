export default function Later() {
  return <p>waited</p>;
}
